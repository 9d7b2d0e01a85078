import type { HeldEntity } from '../memory/held-entity.js';
import type { MemberWatch } from './member-watch.js';
import type { TickerContext } from './room-ticker.js';
import { RoomTickers } from './room-tickers.js';

const calm = { follow: () => {}, unfollow: () => {}, unfollowAll: () => {} } as unknown as MemberWatch;

function roomOf(id: string, tickHz = 20): HeldEntity {
  const live = {
    ...{ isBorn: true, tick: 7, time: 0, outbox: { added: 0 } },
    runTick: () => undefined,
    overdueMembers: () => [],
  };
  const kind = { mark: { tickHz, contract: { name: 'grid' } } };
  return {
    id,
    kind,
    live,
    isRoom: true,
    ticksAgainAt: -Infinity,
    markDirty: () => {},
  } as unknown as HeldEntity;
}

/** A room that moves stands still from a tick on, and not from any moment between two. */
describe('the tick of a room', () => {
  let tickers: RoomTickers;
  let mayTick: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    mayTick = true;
    const context = { mayTick: () => mayTick, now: () => 0, onView: () => {}, onTick: () => {} };
    tickers = new RoomTickers(context as unknown as TickerContext, calm);
  });
  afterEach(() => {
    tickers.stopAll();
    jest.useRealTimers();
  });

  /** @returns after how many ms it was told */
  async function msUntilTicked(room?: HeldEntity): Promise<number> {
    let isTold = false;
    void tickers.untilTicked(room).then(() => (isTold = true));
    for (let ms = 0; ; ms += 1) {
      await jest.advanceTimersByTimeAsync(0);
      if (isTold) return ms;
      jest.advanceTimersByTime(1);
    }
  }

  it('is told of after the next one', async () => {
    const [room, other] = [roomOf('r'), roomOf('s')];
    tickers.start(room);
    jest.advanceTimersByTime(10);
    tickers.start(other);
    jest.advanceTimersByTime(5);
    expect(await msUntilTicked(room)).toBeGreaterThanOrEqual(34);
    expect(await msUntilTicked()).toBeLessThanOrEqual(11);
  });

  it('is not waited for where no room ticks, where none may, and where none ticks soon', async () => {
    expect(await msUntilTicked()).toBe(0);
    const [room, slow] = [roomOf('r'), roomOf('s', 1)];
    expect(await msUntilTicked(room)).toBe(0);
    tickers.start(slow);
    jest.advanceTimersByTime(10);
    expect(await msUntilTicked()).toBe(0);
    tickers.start(room);
    mayTick = false;
    expect(await msUntilTicked(room)).toBe(0);
    expect(await msUntilTicked()).toBe(0);
  });

  it('is not waited for longer than 100 ms where it fails to come', async () => {
    const room = roomOf('r');
    tickers.start(room);
    const told = msUntilTicked(room);
    mayTick = false;
    expect(await told).toBeGreaterThanOrEqual(99);
    expect(await told).toBeLessThanOrEqual(101);
  });
});
