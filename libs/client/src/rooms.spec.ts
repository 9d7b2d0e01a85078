import { untilHolds } from '@ccgame/testing';
import { ClientError } from './errors.js';
import { Rooms } from './rooms.js';

const view = (id: string) => ({
  route: 'room.state',
  data: { room: `dice.table.${id}`, stream: 'x', n: 1, state: { id } },
});
const change = (id: string, n: number) => ({
  route: 'room.change',
  data: { room: `dice.table.${id}`, stream: 'x', n, change: { n } },
});
const closed = (id: string) => ({ route: 'room.closed', data: { room: `dice.table.${id}`, why: 'left' } });
/** All that follows from an answer has happened. */
const answers = () => new Promise((resolve) => setTimeout(resolve));

describe('two parts of a page that look at one room', () => {
  let asked: object[];
  let rooms: Rooms;

  beforeEach(() => {
    asked = [];
    rooms = new Rooms((_, data) => {
      asked.push(data);
      return Promise.resolve({ room: `dice.table.${data.roomId ?? 'a'}` });
    });
  });
  afterEach(() => rooms.stopAll());

  const ended = (): object[] => asked.filter((data) => 'follow' in data);

  it('go on seeing it when one of them is closed, and the servers are told by the last', async () => {
    const [own, same] = [
      rooms.openRoom('dice.table', undefined, true),
      rooms.openRoom('dice.table', 'a', true),
    ];
    rooms.receivePush(view('a'));
    await answers();
    expect([own.state, same.state]).toEqual([{ id: 'a' }, { id: 'a' }]);
    own.close();
    expect(ended()).toEqual([]);
    same.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
  });

  it('also where the other one has not seen it yet', () => {
    const first = rooms.openRoom('dice.table', 'a', true);
    rooms.receivePush(view('a'));
    const later = rooms.openRoom('dice.table', 'a', true);
    first.close();
    expect(ended()).toEqual([]);
    later.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
  });

  it('and the servers stop sending one that is closed before it has come', () => {
    rooms.openRoom('dice.table', undefined, true).close();
    expect(ended()).toEqual([{ roomId: undefined, follow: false }]);
  });

  it('and two rooms end apart from each other', () => {
    const [one, other] = [rooms.openRoom('dice.table', 'a', true), rooms.openRoom('dice.table', 'b', true)];
    for (const id of ['a', 'b']) rooms.receivePush(view(id));
    one.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
    other.close();
    expect(ended()).toEqual([
      { roomId: 'a', follow: false },
      { roomId: 'b', follow: false },
    ]);
  });
});

describe('a room that is opened when the client is closed already', () => {
  afterEach(() => void jest.useRealTimers());

  it('asks nothing, and leaves no timer, which would keep a process of Node alive', () => {
    jest.useFakeTimers();
    let asked = 0;
    const rooms = new Rooms(async () => (asked += 1));
    rooms.openRoom('dice.table', undefined, true);
    rooms.stopAll();
    const late = rooms.openRoom('dice.table', 'a', false);
    expect([jest.getTimerCount(), asked, late.state]).toEqual([0, 1, undefined]);
    late.close();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a page that opens ninety rooms at once', () => {
  afterEach(() => void jest.useRealTimers());

  it('asks for all of them, and hardly ever in vain', async () => {
    jest.useFakeTimers();
    const answered = new Set<unknown>();
    let refused = 0;
    // As the servers limit a view: five a second, and fifty at once.
    let [tokens, filledAt] = [50, Date.now()];
    const rooms = new Rooms(async (_, { roomId = '' }) => {
      tokens = Math.min(50, tokens + (Date.now() - filledAt) / 200);
      filledAt = Date.now();
      if (tokens < 1) {
        refused += 1;
        throw new ClientError('RATE_LIMITED', { retryable: true, retryAfterMs: 200 });
      }
      tokens -= 1;
      answered.add(roomId);
      rooms.receivePush(view(roomId));
      return { room: `dice.table.${roomId}` };
    });
    for (let room = 0; room < 90; room += 1) rooms.openRoom('dice.table', `r${room}`, true);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(answered.size).toBe(90);
    // The servers throw out a player with a hundred.
    expect(refused).toBeLessThan(90);
    rooms.stopAll();
  });
});

describe('a page that follows forty rooms whose questions time out', () => {
  afterEach(() => void jest.useRealTimers());

  it('asks for each of them before it asks for the first ones again, and again and again', async () => {
    jest.useFakeTimers();
    const asked: unknown[] = [];
    const rooms = new Rooms(async (_, { roomId }) => {
      asked.push(roomId);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      throw new ClientError('TIMEOUT');
    });
    const ids = Array.from({ length: 40 }, (_, room) => `r${room}`);
    for (const id of ids) rooms.openRoom('dice.table', id, true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked.slice(0, 40)).toEqual(ids);
    const times = ids.map((id) => asked.filter((one) => one === id).length);
    // Five times on average.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(3);
    rooms.stopAll();
  });
});

describe('the player’s own room, while another part of the page looks at another one of its kind', () => {
  /** The id of the own room; undefined: the player is in none. */
  let ownId: string | undefined;
  let asked: object[];
  let rooms: Rooms;

  beforeEach(() => {
    ownId = 'a';
    asked = [];
    rooms = new Rooms(async (_, data) => {
      asked.push(data);
      const id = data.roomId ?? ownId;
      if (id === undefined) throw new ClientError('NOT_BOUND');
      return { room: `dice.table.${id}` };
    });
  });
  afterEach(() => rooms.stopAll());

  const openBoth = async () => {
    const own = rooms.openRoom<object>('dice.table', undefined, true);
    const other = rooms.openRoom<object>('dice.table', 'b', true);
    await answers();
    return { own, other, states: () => [own.state, other.state] };
  };

  it('is its own, in whatever order they come, and goes on changing', async () => {
    const { states } = await openBoth();
    rooms.receivePush(view('b'));
    expect(states()).toEqual([undefined, { id: 'b' }]);
    rooms.receivePush(view('a'));
    rooms.receivePush({ ...view('b'), data: { ...view('b').data, stream: 'y' } });
    for (const id of ['a', 'b']) rooms.receivePush(change(id, 2));
    expect(states()).toEqual([{ id: 'a', n: 2 }, { id: 'b' }]);
  });

  it('is nothing where the player is in none', async () => {
    ownId = undefined;
    const { states } = await openBoth();
    for (const push of [view('b'), change('b', 2)]) rooms.receivePush(push);
    await answers();
    expect(states()).toEqual([undefined, { id: 'b', n: 2 }]);
  });

  it('is that other one where the servers say so, before or after its state came', async () => {
    ownId = 'b';
    const own = rooms.openRoom<object>('dice.table', undefined, true);
    rooms.openRoom('dice.table', 'b', true);
    rooms.receivePush(view('b'));
    await answers();
    expect(own.state).toEqual({ id: 'b' });
    rooms.receivePush(change('b', 2));
    expect(own.state).toEqual({ id: 'b', n: 2 });
    rooms.receivePush(closed('b'));
    expect(own.state).toBeUndefined();
  });

  it('becomes that other one when the player has left it, and come into that', async () => {
    const { own } = await openBoth();
    rooms.receivePush(view('a'));
    rooms.receivePush(view('b'));
    rooms.receivePush(closed('a'));
    expect(own.state).toBeUndefined();
    ownId = 'b';
    // As the join sends it, unasked.
    rooms.receivePush(view('b'));
    await untilHolds(() => own.roomId === 'b');
    expect(own.state).toEqual({ id: 'b' });
  });

  it('is not asked for with each change of that other one, where it is none', async () => {
    ownId = undefined;
    await openBoth();
    rooms.receivePush(view('b'));
    const asks = () => asked.filter((data) => !('roomId' in data) || data.roomId === undefined).length;
    await untilHolds(() => asks() === 2);
    for (let n = 2; n < 40; n += 1) {
      rooms.receivePush(change('b', n));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(asks()).toBe(2);
  });

  it('is not what is left of that other one: the servers are told that nobody looks at it any more', async () => {
    ownId = undefined;
    const { other } = await openBoth();
    rooms.receivePush(view('b'));
    await answers();
    other.close();
    expect(asked.at(-1)).toEqual({ roomId: 'b', follow: false });
  });
});
