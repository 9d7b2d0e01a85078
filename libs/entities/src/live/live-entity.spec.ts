import { add, grow, look, move } from '../../../../proof/entities/contracts.js';
import { Counter } from '../../../../proof/entities/counter.js';
import { GridRoom } from '../../../../proof/entities/grid-room.js';
import { hostileErrors } from '@ccgame/testing';
import { Alarm, Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { testEntity, testRoom } from '../testing/test-entity.js';
import { reasonOf, upgradeState } from './change-state.js';
import { EntityOf } from './entity-of.js';
import { LiveEntity } from './live-entity.js';
import type { Checkpoint, StoredInput } from './records.js';
import { replayInput } from './replay.js';

const counterOf = (checkpoint?: Checkpoint): LiveEntity =>
  LiveEntity.restore('counter.a', 'a', markOf(Counter), new Counter(), checkpoint, () => undefined);
const stored = (live: LiveEntity): Checkpoint => JSON.parse(live.snapshot().checkpoint) as Checkpoint;
const born: StoredInput = { n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' };
const adding = (n: number, number: number, acked?: number): StoredInput => ({
  n,
  h: 'add',
  d: { counterId: 'a', by: n },
  at: n,
  c: { caller: 'game', number, acked },
});

describe('an entity in memory', () => {
  it('is the same after a replay of its inputs on a checkpoint', () => {
    const inputs = [born, adding(2, 1), adding(3, 2), adding(4, 3)];
    const first = counterOf();
    for (const input of inputs) first.apply(input);
    for (const at of inputs.keys()) {
      const upTo = counterOf();
      for (const input of inputs.slice(0, at)) upTo.apply(input);
      const successor = at === 0 ? counterOf() : counterOf(stored(upTo));
      for (const input of inputs.slice(at)) replayInput(successor, input);
      expect(successor.snapshot()).toEqual(first.snapshot());
    }
  });

  it('knows the answers that its callers may not have, also after a move', () => {
    const live = counterOf();
    live.apply(born);
    live.apply(adding(2, 1));
    live.apply(adding(3, 2));
    const successor = counterOf(stored(live));
    expect(successor.answerTo({ c: { caller: 'game', number: 1 } })).toEqual({
      data: { value: 2, inputs: 1 },
    });
    successor.apply(adding(4, 3, 2));
    expect(successor.answerTo({ c: { caller: 'other', number: 3 } })).toBeUndefined();
  });

  it('applies no copy of a call that was held up until its answer was dropped, also after a move', () => {
    const live = counterOf();
    live.apply(born);
    for (let number = 1; number <= 70; number += 1) live.apply(adding(number + 1, number));
    live.apply({ ...adding(72, 1), c: { caller: 'server', number: 5, acked: 4 } });
    live.apply({ ...adding(73, 1), c: { caller: 'server', number: 9, acked: 7 } });
    const successor = counterOf(stored(live));
    for (const [caller, number] of [['game', 1] as const, ['server', 5] as const]) {
      const answer = successor.answerTo({ c: { caller, number } });
      expect(answer).toMatchObject({ error: { code: 'TIMEOUT' } });
    }
    expect(successor.answerTo({ c: { caller: 'game', number: 70 } })).toMatchObject({
      data: expect.anything(),
    });
    // Not seen yet, though later ones were.
    expect(successor.answerTo({ c: { caller: 'server', number: 8 } })).toBeUndefined();
  });

  it('gives an answer as it was, whatever its state does later', () => {
    const keeping = entity({ serverType: 'play', name: 'keeping' });
    const keep = keeping.serverHandler('keep', { result: [String] });
    @Entity(keeping)
    class Keeping extends EntityOf<{ list: string[] }> {
      create(): { list: string[] } {
        return { list: [] };
      }
      @Handles(keep)
      keep(): string[] {
        this.state.list.push('one');
        return this.state.list;
      }
    }
    const tested = testEntity(Keeping);
    const answer = tested.call(keep, undefined);
    tested.call(keep, undefined);
    expect(answer).toEqual(['one']);
  });

  it.each(hostileErrors)('answers INTERNAL, and goes on, where a handler throws %s', (_, make) => {
    const odd = entity({ serverType: 'play', name: 'odd' });
    const fail = odd.serverHandler('fail');
    @Entity(odd)
    class Odd extends EntityOf<object> {
      create(): object {
        return {};
      }
      @Handles(fail)
      fail(): void {
        throw make();
      }
    }
    const live = LiveEntity.restore('odd.a', 'a', markOf(Odd), new Odd(), undefined, () => undefined);
    live.apply(born);
    const answer = live.apply({ n: 2, h: 'fail', at: 6, c: { caller: 'game', number: 1 } });
    expect(answer).toMatchObject({ error: { code: 'INTERNAL', retryable: false } });
    expect(stored(live).n).toBe(2);
  });

  it('is not taken where its upgrade gives what JSON would store as nothing', () => {
    const mark = { ...markOf(Counter), stateVersion: 2 };
    const upgrade = (): object => ({ players: new Map([['ann', 1]]) });
    const taken = () =>
      upgradeState(Object.assign(new Counter(), { upgrade }), mark, { state: {}, stateVersion: 1 });
    expect(taken).toThrow(expect.objectContaining({ code: 'ENTITY_REFUSED' }));
    expect(taken).toThrow(/a Map is no data/);
  });

  it.each(hostileErrors)('says no more than that where upgrade throws %s', (_, make) => {
    const old = { state: {}, stateVersion: 1 };
    const upgrade = (): never => {
      throw make();
    };
    const mark = { ...markOf(Counter), stateVersion: 2 };
    let refused: unknown;
    try {
      upgradeState(Object.assign(new Counter(), { upgrade }), mark, old);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ code: 'ENTITY_REFUSED' });
    expect(reasonOf(refused)).toMatch(/^upgrade threw: /);
    expect(reasonOf(make())).toEqual(expect.any(String));
  });

  it.each([NaN, 0, -1, Infinity, 2 ** 31, 1.5, '7' as unknown as number])(
    'is of no class whose bounds are %s',
    (bound) => {
      const odd = entity({ serverType: 'play', name: 'odd' });
      odd.viewHandler();
      const names = ['checkpointMs', 'idleMs', 'maxStateBytes', 'stateVersion'] as const;
      // Versions may be counted up as far as numbers go.
      const wrong = names.filter((name) => name !== 'stateVersion' || bound !== 2 ** 31);
      for (const name of wrong)
        expect(() => Entity(odd, { [name]: bound })(Counter)).toThrow(`odd: ${name} is a whole number`);
      expect(() => Room(odd, { tickHz: 1, capacity: bound })(GridRoom)).toThrow(/^odd: capacity/);
      if (bound !== 1.5)
        expect(() => Room(odd, { tickHz: 1, tickBudgetMs: bound })(GridRoom)).toThrow(/^odd: tickBudgetMs/);
    },
  );

  it('has the default of an option that its class gives as undefined', () => {
    const plain = entity({ serverType: 'play', name: 'plain' });
    class Plain extends Counter {}
    class Given extends Counter {}
    const names = ['checkpointMs', 'createOnCall', 'idleMs', 'maxStateBytes', 'onRelease', 'stateVersion'];
    Entity(plain)(Plain);
    Entity(plain, Object.fromEntries(names.map((name) => [name, undefined])))(Given);
    expect(markOf(Given)).toEqual(markOf(Plain));
    expect(markOf(Given)).toMatchObject({ idleMs: 60_000, maxStateBytes: 256 * 1024, onRelease: 'move' });
  });

  it('refuses a handler that returns a promise', () => {
    const slow = entity({ serverType: 'play', name: 'slow' });
    const wait = slow.serverHandler('wait');
    @Entity(slow)
    class Slow extends EntityOf<object> {
      create(): object {
        return {};
      }
      @Handles(wait as never)
      async wait(): Promise<void> {
        await Promise.resolve();
      }
    }
    expect(() => testEntity(Slow).call(wait, undefined)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

const bell = entity({ serverType: 'play', name: 'bell' });
const wind = bell.serverHandler('wind', { payload: Number });

@Entity(bell)
class Bell extends EntityOf<{ rung: string[] }> {
  create(): { rung: string[] } {
    return { rung: [] };
  }

  @Handles(wind)
  wind(ms: number): void {
    if (ms === 0) return this.clearAlarm('ring');
    this.setAlarm('ring', ms, { after: ms });
    this.setAlarm('tell', 50);
  }

  @Alarm()
  ring({ after }: { after: number }): void {
    this.state.rung.push(`${after} at ${this.now}`);
  }

  @Alarm()
  tell(): void {
    this.push(['ann'], 'bell.told', this.now);
    this.setAlarm('silent', 1);
  }

  silent(): void {
    // It has no mark.
  }
}

/** The class before there was an alarm. */
@Entity(bell)
class SilentBell extends EntityOf<{ rung: string[] }> {
  create(): { rung: string[] } {
    return { rung: [] };
  }
}

describe('an alarm', () => {
  it('comes once, when it is due, and the one that was set last counts', () => {
    const clock = testEntity(Bell, { startsAt: 1_000 });
    clock.call(wind, 900);
    clock.call(wind, 300);
    expect(() => clock.advance(50)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(clock.pushes).toEqual([{ to: ['ann'], route: 'bell.told', data: 1_050, isVolatile: false }]);
    clock.moveToAnotherServer();
    clock.advance(299);
    expect(clock.state.rung).toEqual(['300 at 1300']);
    clock.advance(10_000);
    expect(clock.state.rung).toHaveLength(1);
  });

  it('does not come when it was cleared, and none for what has no mark', () => {
    const clock = testEntity(Bell);
    clock.call(wind, 60);
    clock.call(wind, 0);
    expect(() => clock.advance(1_000)).toThrow();
    clock.advance(1_000);
    expect(clock.state.rung).toEqual([]);
    expect(() => clock.call(wind, NaN)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('whose date has gone by comes at once, as the next of a list after a server was away', () => {
    const clock = testEntity(Bell, { startsAt: 1_000 });
    clock.call(wind, -500);
    clock.advance(0);
    expect(clock.state.rung).toEqual(['-500 at 1000']);
  });

  it('that older code does not know after a rollback waits for code that does, and not for ever', () => {
    const make = (bellClass: typeof Bell | typeof SilentBell, from?: Checkpoint): LiveEntity =>
      LiveEntity.restore('bell.a', 'a', markOf(bellClass), new bellClass(), from, () => undefined);
    const first = make(Bell);
    first.apply(born);
    first.apply({ n: 2, h: 'wind', d: 500, at: 10 });
    const older = make(SilentBell, stored(first));
    expect(older.dueAlarms(10_000)).toEqual([]);
    expect(older.wakeAt).toBe(60);
    expect(make(Bell, stored(older)).dueAlarms(10_000)).toEqual(['tell', 'ring']);
    const weekMs = 7 * 86_400_000;
    expect(older.nextAlarmAt).toBe(60 + weekMs);
    expect(older.dueAlarms(10_000 + weekMs)).toEqual(['tell', 'ring']);
    const answer = older.apply({ n: 3, h: 'tell', b: 'alarm', at: 10_000 + weekMs });
    expect(answer).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(older.wakeAt).toBe(510);
  });

  it('is replayed as it came: a checkpoint and the inputs after it give the same', () => {
    const make = (checkpoint?: Checkpoint): LiveEntity =>
      LiveEntity.restore('bell.a', 'a', markOf(Bell), new Bell(), checkpoint, () => undefined);
    const inputs: StoredInput[] = [
      born,
      { n: 2, h: 'wind', d: 500, at: 10 },
      { n: 3, h: 'ring', b: 'alarm', at: 510 },
      { n: 4, h: 'ring', b: 'alarm', at: 511 },
    ];
    const first = make();
    for (const input of inputs) first.apply(input);
    const successor = make();
    for (const input of inputs.slice(0, 2)) successor.apply(input);
    const moved = make(stored(successor));
    for (const input of inputs.slice(2)) replayInput(moved, input);
    expect(moved.snapshot()).toEqual(first.snapshot());
    expect((first.instance as Bell).state.rung).toEqual(['500 at 510']);
  });
});

describe('a room in virtual time', () => {
  it('ticks, and pushes to its members', () => {
    const room = testRoom(GridRoom, { seed: 3 });
    room.join('ann');
    room.join('bob');
    room.advance(2_000);
    expect(room.tick).toBe(40);
    expect(room.pushes).toEqual([
      {
        to: ['ann', 'bob'],
        route: 'grid.rolled',
        data: { roomId: 'test', roll: room.state.rolls[0] },
        isVolatile: false,
      },
      {
        to: ['ann', 'bob'],
        route: 'grid.rolled',
        data: { roomId: 'test', roll: room.state.rolls[1] },
        isVolatile: false,
      },
    ]);
  });

  it('goes on after a move as it would have without', () => {
    const [stays, moves] = [testRoom(GridRoom, { seed: 9 }), testRoom(GridRoom, { seed: 9 })];
    for (const room of [stays, moves]) {
      room.join('ann');
      room.advance(1_500);
      if (room === moves) room.moveToAnotherServer();
      room.call(move, { to: 'up' }, 'ann');
      room.advance(3_000);
    }
    expect(moves.call(look, undefined)).toEqual(stays.call(look, undefined));
    expect(moves.state).toEqual(stays.state);
  });

  it('throws to its caller what a handler throws', () => {
    const room = testRoom(GridRoom);
    expect(() => room.call(move, { roomId: 'test', to: 'up' }, 'eve')).toThrow(
      expect.objectContaining({ code: 'NOT_ADMITTED' }),
    );
    expect(testEntity(Counter).call(grow, { bytes: 3 })).toEqual({ value: 0, inputs: 0 });
    expect(testEntity(Counter).call(add, { counterId: 'a', by: 2 })).toEqual({ value: 2, inputs: 1 });
  });
});
