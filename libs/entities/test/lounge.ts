import { IsInt } from 'class-validator';
import { Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { RoomOf } from '../src/live/entity-of.js';
import type { LeaveReason } from '../src/live/leave-reason.js';

export class WaveDto {
  @IsInt() times: number;
}

export const lounge = entity({ serverType: 'local', name: 'lounge', partitions: 2 });
export const listLounge = lounge.serverHandler('list_lounge', { result: [String], input: 'query' });
export const wave = lounge.clientHandler('wave', { payload: WaveDto });

/** Its members leave when they are away for 600 ms. */
@Room(lounge, { tickHz: 20, onRelease: 'move', leaveAfterMs: 600 })
export class Lounge extends RoomOf<{ events: string[] }> {
  create(): { events: string[] } {
    return { events: [] };
  }

  override leave(playerId: string, why: LeaveReason): void {
    this.state.events.push(`${playerId} ${why}`);
  }

  @Handles(wave)
  wave(): void {
    this.state.events.push('waved');
  }

  @Handles(listLounge)
  listLounge(): string[] {
    return this.state.events;
  }

  tick(): void {
    // It only listens.
  }
}
