import { Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { testRoom } from '../testing/test-entity.js';
import { RoomOf } from './entity-of.js';

const table = entity({ serverType: 'play', name: 'table' });

/** Keeps who was there at the first deal. */
@Room(table, { tickHz: 10 })
class Table extends RoomOf<{ dealtTo: readonly string[] }> {
  create(): { dealtTo: readonly string[] } {
    return { dealtTo: [] };
  }
  override join(playerId: string): void {
    if (playerId === 'eve') throw new Error('not eve');
    if (this.members.length === 2) this.state.dealtTo = this.members;
  }
  tick(): void {}
}

describe('the members that a room keeps in its state', () => {
  it.each(['stays', 'moves'])('are those of then, whether the room moves or stays (%s)', (way) => {
    const room = testRoom(Table);
    for (const playerId of ['ann', 'bob']) room.join(playerId);
    if (way === 'moves') room.moveToAnotherServer();
    room.join('cy');
    room.leave('ann');
    expect(room.state.dealtTo).toEqual(['ann', 'bob']);
    expect(room.members).toEqual(['bob', 'cy']);
  });

  it('change nothing of who is a member', () => {
    const room = testRoom(Table);
    for (const playerId of ['ann', 'bob']) room.join(playerId);
    expect(() => (room.state.dealtTo as string[]).push('eve')).toThrow(TypeError);
    expect(() => room.join('eve')).toThrow('not eve');
    expect(room.members).toEqual(['ann', 'bob']);
  });
});
