import { Handles, Room, RoomOf } from '@ccgame/entities';
import { roomResults } from '@ccgame/leaderboards/room-results';
import { endRound, table } from './contracts.js';

export const cardResults = roomResults('cards');

/** A room whose result goes to the boards. */
@Room(table, { tickHz: 2 })
export class TableRoom extends RoomOf {
  create(): object {
    return {};
  }

  @Handles(endRound)
  endRound(points: number): void {
    const scores = ['anna', 'ben'].map((playerId) => ({ playerId, score: points }));
    cardResults.submit(this, { topic: 'cards', scores, about: { room: this.id } });
    this.end();
  }

  tick(): void {}
}
