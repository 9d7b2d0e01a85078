import { entity, Handles, Room, RoomOf, testRoom } from '@ccgame/entities';
import { roomResults } from './room-results.js';

const results = roomResults('dice');
const table = entity({ serverType: 'dice', name: 'table' });
const finish = table.serverHandler('finish', { payload: Number });

/** With types of its own, as a game's rooms have. */
@Room(table, { tickHz: 2 })
class Table extends RoomOf<{ round: number }, { seats: number }, { over: { score: number } }> {
  create(): { round: number } {
    return { round: 1 };
  }
  @Handles(finish)
  finish(score: number): void {
    results.submit(this, { topic: 'dice', scores: [{ playerId: 'anna', score }] });
    this.end();
  }
  tick(): void {}
}

describe('the result of a room', () => {
  it('is a stored call, and the room may end with it', () => {
    const room = testRoom(Table, { id: 't1' });
    room.call(finish, 3);
    expect(room.hasEnded).toBe(true);
    const payload = { topic: 'dice', scores: [{ playerId: 'anna', score: 3 }] };
    expect(room.sentCalls).toEqual([
      { route: 'dice.submit_room_result', id: expect.stringMatching(/^r\d+$/) as string, payload },
    ]);
  });

  it('is refused at once where no board could count it', () => {
    expect(() => testRoom(Table).call(finish, 1e10)).toThrow('submit_room_result does not take that payload');
  });
});
