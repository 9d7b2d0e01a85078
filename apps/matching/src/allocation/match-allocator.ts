import type { MatchRecord } from '#contracts';

/** Injection token of the game's {@link MatchAllocator}. */
export const MATCH_ALLOCATOR = Symbol('MATCH_ALLOCATOR');

/** Finds a game server for each match before its players are told. */
export interface MatchAllocator {
  /**
   * Resolves with what players need to get there: small JSON, pushed to all of them as `allocation`. It is called again for
   * the same match when it fails, and when the matching server dies before the answer is stored: the same `matchId` should
   * get the same game server.
   *
   * @throws anything: it is asked again, with growing pauses, for 60 s; then the players go back to the queue
   */
  allocate(match: MatchRecord): Promise<unknown>;
}

/** How long a game server is asked for, ms. */
export const allocateWithinMs = 60_000;
