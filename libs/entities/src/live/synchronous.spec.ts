import { Alarm, Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { findRooms } from '../host/find-rooms.js';
import { HeldEntity } from '../memory/held-entity.js';
import { testEntity, testRoom } from '../testing/test-entity.js';
import { ViewStream } from '../view/view-stream.js';
import { downgradeState, upgradeState } from './change-state.js';
import { EntityOf, RoomOf } from './entity-of.js';

const slow = entity({ serverType: 'play', name: 'slow' });
const wait = slow.serverHandler('wait');
const lazy = entity({ serverType: 'play', name: 'lazy' });

/** As code that asks a database first; a rejection that nobody catches would end the server, and each room on it. */
async function failLater(): Promise<never> {
  await Promise.resolve();
  throw new Error('nobody waits for this');
}

/** TypeScript takes an async method for one that gives nothing. */
@Room(slow, { tickHz: 10 })
class Slow extends RoomOf<object> {
  create(): object {
    return {};
  }
  override join(playerId: string): void {
    return playerId === 'eve' ? (failLater() as never) : undefined;
  }
  override leave = failLater as never;
  override away = failLater as never;
  override back = failLater as never;
  override labels = failLater as never;
  override admits = failLater as never;
  @Handles(wait)
  wait(): Promise<void> {
    return failLater();
  }
  @Alarm()
  ring(): Promise<void> {
    return failLater();
  }
  tick = failLater as never;
}

@Entity(lazy, { stateVersion: 2 })
class Lazy extends EntityOf<object> {
  create(init: unknown): object {
    return init === undefined ? failLater() : {};
  }
  override upgrade(): object {
    return failLater();
  }
  override downgrade(): object {
    return failLater();
  }
}

describe('code of an entity that returns a promise fails as other code does, and ends no server later:', () => {
  const told = (what: string): string => `${what} returned a promise`;

  it('a player is no member whose join is asynchronous', () => {
    const room = testRoom(Slow);
    room.join('ann');
    expect(() => room.join('eve')).toThrow(told('join'));
    expect(room.members).toEqual(['ann']);
  });

  it('a tick, a handler, a leave, and what tells of a connection', () => {
    const room = testRoom(Slow);
    for (const playerId of ['ann', 'bob']) room.join(playerId);
    expect(() => room.advance(100)).toThrow(told('tick'));
    expect(() => room.call(wait, undefined)).toThrow(told('wait'));
    expect(() => room.leave('bob')).toThrow(told('leave'));
    expect(() => room.away('ann')).toThrow(told('away'));
    expect(() => room.back('ann')).toThrow(told('back'));
    expect(room.members).toEqual(['ann']);
  });

  it('create, upgrade and downgrade', () => {
    expect(() => testEntity(Lazy)).toThrow(told('create'));
    const { instance } = testEntity(Lazy, { init: 1 });
    const mark = markOf(Lazy);
    expect(() => upgradeState(instance, mark, { state: {}, stateVersion: 1 })).toThrow(told('upgrade'));
    expect(() => downgradeState(instance, mark, 1)).toThrow(told('downgrade'));
  });

  it('a player is not let in by an answer that is not there yet', () => {
    const shy = entity({ serverType: 'play', name: 'shy' });
    const visit = shy.clientHandler('visit', { id: 'shyId' as never });
    @Entity(shy)
    class Shy extends EntityOf<object> {
      create(): object {
        return {};
      }
      override admits = failLater as never;
      @Handles(visit)
      visit(): void {}
    }
    const one = testEntity(Shy);
    expect(() => one.call(visit, { shyId: 'a' } as never, 'eve')).toThrow(told('admits'));
  });

  it('a view and labels', async () => {
    expect(() => new ViewStream('play.slow.a', 10).pushOfTick(failLater())).toThrow(told('view'));
    const kind = { mark: markOf(Slow), construct: () => Promise.resolve(new Slow()) };
    const held = new HeldEntity('slow.a', 'a', kind, new Slow(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    expect(findRooms([held], { name: 'slow', limit: 1 }).rooms).toEqual([]);
    // All of them have failed by now.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
