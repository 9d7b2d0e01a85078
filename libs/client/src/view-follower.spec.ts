import { ClientError } from './errors.js';
import { ViewFollower } from './view-follower.js';

const place = (n: number, stream = 's1', room = 'dice.table.r1') => ({ room, stream, n });

describe('a room’s view at the client', () => {
  let follower: ViewFollower;
  let asked: number;
  let seen: unknown[];
  let answer: () => Promise<unknown>;

  beforeEach(() => {
    jest.useFakeTimers();
    asked = 0;
    seen = [];
    answer = () => Promise.resolve();
    follower = new ViewFollower({
      ask: () => {
        asked += 1;
        return answer();
      },
      queue: (begin) => begin(),
      changed: () => seen.push(follower.state),
    });
  });
  afterEach(() => {
    follower.stop();
    jest.useRealTimers();
  });

  it('is whole first, then one change after the other, and each is seen once', () => {
    follower.beginOnSocket();
    follower.receiveState({ ...place(3), state: { x: 3 } });
    follower.receiveChange({ ...place(4), change: { x: 4 } });
    follower.receiveChange({ ...place(4), change: { x: 4 } });
    follower.receiveState({ ...place(4), state: { x: 4 } });
    follower.receiveState({ ...place(2), state: { x: 2 } });
    follower.receiveChange({ ...place(5), change: { y: 1 } });
    expect(seen).toEqual([{ x: 3 }, { x: 4 }, { x: 4, y: 1 }]);
    expect(asked).toBe(1);
  });

  it('asks once a second where a change is missing, and goes on from the whole view', async () => {
    follower.receiveState({ ...place(3), state: { x: 3 } });
    follower.receiveChange({ ...place(5), change: { x: 5 } });
    follower.receiveChange({ ...place(6), change: { x: 6 } });
    expect(asked).toBe(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(asked).toBe(3);
    follower.receiveState({ ...place(7), state: { x: 7 } });
    follower.receiveChange({ ...place(8), change: { x: 8 } });
    expect(seen).toEqual([{ x: 3 }, { x: 7 }, { x: 8 }]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(asked).toBe(3);
  });

  it('takes the whole view of another owner, though its numbers are smaller, and no change of one', () => {
    follower.receiveState({ ...place(30), state: { x: 30 } });
    follower.receiveChange({ ...place(31, 's2'), change: { x: 31 } });
    expect(asked).toBe(1);
    follower.receiveState({ ...place(0, 's2'), state: { x: 29 } });
    follower.receiveChange({ ...place(1, 's2'), change: { x: 30 } });
    follower.receiveChange({ ...place(31), change: { x: 31 } });
    expect(seen).toEqual([{ x: 30 }, { x: 29 }, { x: 30 }]);
  });

  it('finds by a reminder that the last change is missing', () => {
    follower.receiveState({ ...place(3), state: {} });
    follower.receiveChange(place(3));
    expect(asked).toBe(0);
    follower.receiveChange(place(4));
    expect(asked).toBe(1);
  });

  it('asks again after 12 s of silence, and on each new socket', async () => {
    follower.receiveState({ ...place(3), state: {} });
    await jest.advanceTimersByTimeAsync(11_000);
    expect(asked).toBe(0);
    await jest.advanceTimersByTimeAsync(2_500);
    expect(asked).toBe(1);
    follower.receiveChange({ ...place(4), change: { x: 4 } });
    follower.beginOnSocket();
    expect(asked).toBe(2);
    follower.receiveState({ ...place(4), state: { x: 4 } });
    expect(seen).toEqual([{}, { x: 4 }]);
  });

  it('doesn’t ask on where there is no room, and sees the next one that comes', async () => {
    answer = () => Promise.reject(new ClientError('NOT_BOUND'));
    follower.beginOnSocket();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(1);
    follower.receiveState({ ...place(0, 's9', 'dice.table.r2'), state: { x: 1 } });
    expect(seen).toEqual([{ x: 1 }]);
    follower.receiveEnd('dice.table.r1');
    follower.receiveEnd('dice.table.r2');
    expect(seen).toEqual([{ x: 1 }, undefined]);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(1);
  });

  it.each(['NOT_BOUND', 'NO_ENTITY', 'NOT_ADMITTED'])(
    'has ended where the next socket is told %s, and is not asked for again',
    async (code) => {
      follower.receiveState({ ...place(3), state: { x: 3 } });
      await jest.advanceTimersByTimeAsync(10);
      answer = () => Promise.reject(new ClientError(code));
      follower.beginOnSocket();
      await jest.advanceTimersByTimeAsync(30_000);
      expect(seen).toEqual([{ x: 3 }, undefined]);
      expect(asked).toBe(1);
    },
  );

  it('goes on where the player came into a room before the refusal was there', async () => {
    let refuse: (error: ClientError) => void = () => undefined;
    answer = () => new Promise((_, reject) => (refuse = reject));
    follower.beginOnSocket();
    await jest.advanceTimersByTimeAsync(10);
    follower.receiveState({ ...place(0), state: { x: 0 } });
    refuse(new ClientError('NOT_BOUND'));
    await jest.advanceTimersByTimeAsync(10);
    follower.receiveChange({ ...place(1), change: { x: 1 } });
    expect(seen).toEqual([{ x: 0 }, { x: 1 }]);
  });

  it.each(['TIMEOUT', 'CONNECTION_LOST', 'GONE', 'INTERNAL'])(
    'asks on while there is but a %s',
    async (code) => {
      answer = () => Promise.reject(new ClientError(code));
      follower.beginOnSocket();
      await jest.advanceTimersByTimeAsync(3_000);
      expect(asked).toBeGreaterThan(2);
    },
  );

  it('asks again no sooner than the servers want', async () => {
    answer = () => Promise.reject(new ClientError('RATE_LIMITED', { retryable: true, retryAfterMs: 4_500 }));
    follower.beginOnSocket();
    await jest.advanceTimersByTimeAsync(4_000);
    follower.beginOnSocket();
    expect(asked).toBe(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(2);
  });

  it('says nothing more after it was closed', async () => {
    follower.receiveState({ ...place(3), state: { x: 3 } });
    await jest.advanceTimersByTimeAsync(10);
    answer = () => Promise.reject(new ClientError('CLOSED'));
    follower.beginOnSocket();
    follower.stop();
    await jest.advanceTimersByTimeAsync(10);
    expect(seen).toEqual([{ x: 3 }]);
  });

  it('stays on the screen while another tab has the session', async () => {
    follower.receiveState({ ...place(3), state: { x: 3 } });
    answer = () => Promise.reject(new ClientError('DUPLICATE'));
    await jest.advanceTimersByTimeAsync(30_000);
    expect(seen).toEqual([{ x: 3 }]);
  });

  it('needs no more of a platform than the language and setTimeout', async () => {
    follower.stop();
    const { performance, setInterval } = globalThis;
    Object.assign(globalThis, { performance: undefined, setInterval: undefined });
    try {
      const bare = new ViewFollower({
        ask: async () => (asked += 1),
        queue: (begin) => begin(),
        changed: () => undefined,
      });
      bare.receiveState({ ...place(3), state: { x: 3 } });
      bare.receiveChange({ ...place(5), change: { x: 5 } });
      await jest.advanceTimersByTimeAsync(2_000);
      expect(asked).toBe(3);
      bare.receiveState({ ...place(5), state: { x: 5 } });
      await jest.advanceTimersByTimeAsync(11_000);
      expect(asked).toBe(3);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(asked).toBe(4);
      bare.stop();
      await jest.advanceTimersByTimeAsync(20_000);
      expect(asked).toBe(4);
    } finally {
      Object.assign(globalThis, { performance, setInterval });
    }
  });
});
