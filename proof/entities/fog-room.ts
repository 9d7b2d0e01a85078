import { type EntityCall, Handles, Room, type RoomLabels, RoomOf } from '@ccgame/entities';
import { fog, type FogView, walk, type WalkDto } from './fog-contracts.js';

const nearby = 5;

interface FogState {
  at: Record<string, number>;
}

/** Two players on a line in the fog, with spectators who have a ticket. */
@Room(fog, { tickHz: 20, capacity: 2 })
export class FogRoom extends RoomOf<FogState> {
  create(): FogState {
    return { at: {} };
  }

  override admits(playerId: string): boolean {
    return super.admits(playerId) || playerId.startsWith('fan-');
  }

  override join(playerId: string): void {
    this.state.at[playerId] = 0;
  }

  override leave(playerId: string): void {
    delete this.state.at[playerId];
  }

  override labels(): RoomLabels {
    return { map: 'moor' };
  }

  @Handles(walk)
  walk({ to }: WalkDto, { callingPlayer }: EntityCall): void {
    this.state.at[callingPlayer] = to;
  }

  override viewOf(playerId: string): FogView {
    const { at } = this.state;
    const own = at[playerId];
    if (own === undefined) return { players: this.members.length };
    const near = Object.entries(at).filter(([, place]) => Math.abs(place - own) <= nearby);
    return { near: Object.fromEntries(near) };
  }

  tick(): void {
    // Players walk by their calls alone.
  }
}
