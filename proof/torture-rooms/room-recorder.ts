import type { PlayerTranscript, RoomTranscript, SentInput, View } from './transcript.js';

/** Writes down what a room's players send, are answered and are pushed; each state is kept once. */
export class RoomRecorder {
  readonly transcript: RoomTranscript;
  private readonly indexes = new Map<string, number>();
  private readonly players = new Map<string, PlayerTranscript>();

  constructor(roomId: string, playerIds: readonly string[]) {
    const players = playerIds.map((playerId): PlayerTranscript => ({
      playerId,
      inputs: [],
      seen: [],
      overAt: [],
    }));
    this.transcript = { roomId, players, views: [] };
    for (const player of players) this.players.set(player.playerId, player);
  }

  /** @returns what its answer is written to */
  noteInput(playerId: string, x: number, y: number): SentInput {
    const input: SentInput = { x, y };
    this.playerOf(playerId).inputs.push(input);
    return input;
  }

  noteView(playerId: string, at: number, view: View): void {
    const json = JSON.stringify(view);
    let index = this.indexes.get(json);
    if (index === undefined) {
      index = this.transcript.views.push(view) - 1;
      this.indexes.set(json, index);
    }
    this.playerOf(playerId).seen.push({ at, view: index });
  }

  noteOver(playerId: string, at: number): void {
    this.playerOf(playerId).overAt.push(at);
  }

  private playerOf(playerId: string): PlayerTranscript {
    const player = this.players.get(playerId);
    if (!player) throw new Error(`${playerId} is no player of ${this.transcript.roomId}`);
    return player;
  }
}
