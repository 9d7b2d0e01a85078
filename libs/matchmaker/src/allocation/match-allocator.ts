import type { MatchRecord } from '../contracts/matches.js';

/** Finds a game server for each match before its players are told. */
export interface MatchAllocator {
  /** How long it is asked for a match, in whole ms up to an hour; then the players go back to the queue with the waiting time that they had. */
  readonly patienceMs: number;

  /** Whether matches of a mode need what it gives; all do when left out. */
  serves?(mode: string): boolean;

  /**
   * Resolves with what players need to get there: small JSON, pushed to all of them as `allocation`. It is called again for
   * the same match when it fails, and when the matching server dies before the answer is stored: the same `matchId` should
   * get the same game server.
   *
   * @throws anything: it is asked again, with pauses that grow to 5 s
   */
  allocate(match: MatchRecord): Promise<unknown>;

  /**
   * Gives back what was found for a match that did not come about, as a player was banned or the time was up. It may be that nothing was
   * found, or that it was given back before. It has 5 s, and is not called again when it fails. Left out: the game server ends by its own
   * timeout, when nobody comes.
   */
  release?(match: MatchRecord): Promise<void>;
}
