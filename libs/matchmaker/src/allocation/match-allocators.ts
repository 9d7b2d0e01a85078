import { checkWhole } from '@ccgame/rpc';
import type { MatchAllocator } from './match-allocator.js';

const longestPatienceMs = 3_600_000;

/** The game's allocators, none where it has none. */
export class MatchAllocators {
  /** @throws RpcError INVALID, which ends the server at its start: a timer can't hold every number, and would be over at once */
  constructor(private readonly all: readonly MatchAllocator[]) {
    for (const [index, { patienceMs }] of all.entries())
      checkWhole(`allocators.${index}.patienceMs`, patienceMs, 1, longestPatienceMs);
  }

  /** The first that serves a mode; undefined: its matches need no game server. */
  allocatorOf(mode: string): MatchAllocator | undefined {
    return this.all.find((one) => one.serves?.(mode) ?? true);
  }
}
