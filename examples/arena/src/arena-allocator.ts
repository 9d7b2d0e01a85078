import type { EntityClient } from '@ccgame/entities';
import type { MatchAllocator, MatchRecord } from '@ccgame/matchmaker';
import { RpcError } from '@ccgame/rpc';
import { arena } from './arena-contracts.js';
import { arenaMode } from './arena-mode.js';

/** The allocation in `matched`, for the players of an arena. */
export interface ArenaAllocation {
  roomId: string;
}

/** A match of the mode `arena` opens its room, with its players in it before they are told. */
export class ArenaAllocator implements MatchAllocator {
  readonly patienceMs = 10_000;

  constructor(private readonly entities: EntityClient) {}

  serves(mode: string): boolean {
    return mode === arenaMode.name;
  }

  /** The same match gets the same room when it is asked for again. */
  async allocate({ matchId, teams, version }: MatchRecord): Promise<ArenaAllocation> {
    const players = teams.flat();
    await this.entities.create(arena, matchId, { players }, { version }).catch(unlessThere);
    for (const player of players) await this.entities.join(arena, matchId, player, { version });
    return { roomId: matchId };
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof RpcError && error.code === 'ENTITY_EXISTS')) throw error;
}
