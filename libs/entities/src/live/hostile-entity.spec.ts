import { Logger } from '@nestjs/common';
import { hostileErrors } from '@ccgame/testing';
import { Alarm, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { findRooms } from '../host/find-rooms.js';
import { HeldEntity } from '../memory/held-entity.js';
import { RoomTicker, type TickerContext } from '../rooms/room-ticker.js';
import { type RoomLabels, RoomOf } from './entity-of.js';
import type { StoredInput } from './records.js';

const odd = entity({ serverType: 'play', name: 'odd' });
const ring = odd.serverHandler('ring');
let thrown: (() => unknown) | undefined;
const failNow = (): void => {
  if (thrown) throw thrown();
};

/** All of its code throws the same. */
@Room(odd, { tickHz: 50 })
class Odd extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {
    failNow();
  }
  override join(): void {
    failNow();
  }
  override leave(): void {
    failNow();
  }
  override labels(): RoomLabels {
    failNow();
    return { map: 'a' };
  }
  override admits(): boolean {
    failNow();
    return true;
  }
  @Handles(ring)
  ring(): void {
    this.setAlarm('rings', 1);
  }
  @Alarm()
  rings(): void {
    failNow();
  }
}

describe.each(hostileErrors)('a room whose code throws %s', (_, make) => {
  const born: StoredInput = { n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' };
  const kind = { mark: markOf(Odd), construct: () => Promise.resolve(new Odd()) };
  const hold = (): HeldEntity => {
    const held = new HeldEntity('odd.a', 'a', kind, new Odd(), '1', { seq: 0 }, () => undefined);
    held.live.apply(born);
    held.live.apply({ n: 2, h: '', b: 'join', d: 'ann', at: 5, k: 0 });
    return held;
  };

  beforeEach(() => {
    for (const level of ['error', 'warn'] as const)
      jest.spyOn(Logger.prototype, level).mockReturnValue(undefined);
    thrown = undefined;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('answers INTERNAL to whoever joins, leaves or rings, and has none of it half done', () => {
    const { live } = hold();
    live.apply({ n: 3, h: 'ring', at: 5, k: 0 });
    // Its alarm is due by the room's own time.
    for (let tick = 0; tick < 10; tick += 1) live.runTick();
    thrown = make;
    const failed = { error: { code: 'INTERNAL' } };
    expect(live.apply({ n: 4, h: '', b: 'join', d: 'ben', at: 6, k: 10 })).toMatchObject(failed);
    expect(live.members.list).toEqual(['ann']);
    const leave = { playerId: 'ann', why: 'left' };
    expect(live.apply({ n: 5, h: '', b: 'leave', d: leave, at: 6, k: 10 })).toMatchObject(failed);
    expect(live.apply({ n: 6, h: 'rings', b: 'alarm', at: live.time, k: 10 })).toMatchObject(failed);
    expect(live.n).toBe(6);
    expect(() => live.snapshot()).not.toThrow();
  });

  it('is in no list, and is stopped when its tick has failed often enough', () => {
    jest.useFakeTimers();
    const held = hold();
    thrown = make;
    expect(findRooms([held], { name: 'odd', limit: 1 })).toEqual({ rooms: [] });
    const stopped: string[] = [];
    const context = {
      ...{ mayTick: () => true, now: () => 0, onView: () => undefined, onTick: () => undefined },
      ...{ onOutput: () => undefined, onAlarm: () => undefined, onOverdue: () => undefined },
      onFailed: (one: HeldEntity, why: string) => {
        stopped.push(why);
        one.stoppedWhy = why;
      },
    } as unknown as TickerContext;
    const ticker = new RoomTicker(held, context);
    jest.advanceTimersByTime(10_000);
    ticker.stop();
    expect(stopped).toEqual([expect.stringContaining('its tick failed')]);
  });
});
