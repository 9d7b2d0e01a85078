import { Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { testRoom } from '../testing/test-entity.js';
import { EntityOf, RoomOf } from './entity-of.js';

type GamePushes = { 'trade.offer': { item: string }; 'round.over': { winner: string } };

const market = entity({ serverType: 'play', name: 'market' });

/** Its `sendWrongly` is never called: the compiler reads it (`npm run types`). */
@Room(market, { tickHz: 1 })
class Market extends RoomOf<object, undefined, GamePushes> {
  create(): object {
    return {};
  }
  override join(playerId: string): void {
    this.push([playerId], 'trade.offer', { item: 'sword' });
    this.broadcast('round.over', { winner: playerId });
  }
  sendWrongly(): void {
    // @ts-expect-error there is no such route
    this.broadcast('round.ovr', { winner: 'anna' });
    // @ts-expect-error the data is another route's
    this.broadcast('trade.offer', { winner: 'anna' });
    // @ts-expect-error the data is missing
    this.push(['anna'], 'trade.offer');
    // @ts-expect-error there is no such route
    this.push(['anna'], 'trade.offr', { item: 'sword' }, { volatile: true });
  }
  tick(): void {}
}

class Stall extends EntityOf<object, undefined, GamePushes> {
  create(): object {
    return {};
  }
  sendWrongly(): void {
    // @ts-expect-error the data is another route's
    this.push(['anna'], 'round.over', { item: 'sword' });
  }
}

class Untyped extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {
    this.broadcast('whatever.route', 7);
  }
}

it('takes the pushes of a game with their data alone, and any where none are named', () => {
  const room = testRoom(Market);
  room.join('anna');
  expect(room.pushes).toMatchObject([
    { to: ['anna'], route: 'trade.offer', data: { item: 'sword' } },
    { to: ['anna'], route: 'round.over', data: { winner: 'anna' } },
  ]);
  expect([Market, Stall, Untyped]).toHaveLength(3);
});
