import type { HeldClaim } from './session-record.js';

/** A wish to have a player's session on a socket of this connector. */
export interface ClaimRequest {
  playerId: string;
  socket: string;
  version: string;
  /** The session that the client wants to go on with. */
  session?: string;
  /** The client's own word for itself: tells its next socket from another client that goes on with the same session. */
  instance?: string;
  /** Whether a player who is connected elsewhere stays there: the claim then fails. */
  refuseSecond: boolean;
  /**
   * Asked just before each write: nothing is claimed for a client that has gone. `isTakeover`: another socket has the session, which may be
   * the same client's next one.
   */
  isWanted?: (isTakeover: boolean) => Promise<boolean>;
}

/** A session that this connector has just claimed. */
export interface SessionClaim extends HeldClaim {
  /** It is the session that the client asked for. */
  isResumed: boolean;
  /** That session has no record: it ran out, or was lost with its storage. Nobody ended it, and no other has taken its place. */
  isForgotten: boolean;
}
