import type { MatchAllocator } from './match-allocator.js';

/** The game's allocators, none where it has none. */
export class MatchAllocators {
  constructor(private readonly all: readonly MatchAllocator[]) {}

  /** The first that serves a mode; undefined: its matches need no game server. */
  allocatorOf(mode: string): MatchAllocator | undefined {
    return this.all.find((one) => one.serves?.(mode) ?? true);
  }
}
