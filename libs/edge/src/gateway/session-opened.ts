import { Config } from '@ccgame/config';
import type { NotRecovered, SessionOpened } from '@ccgame/protocol';
import type { FeedStart } from '@ccgame/sessions';
import type { PlayerSession } from './player-session.js';
import { expiryOf } from './token-expiry.js';

/** The first push of a session on a socket: the client's place in its pushes, and who serves it. */
export function sessionOpened(
  session: PlayerSession,
  { position, recovered }: FeedStart,
  notRecovered?: NotRecovered,
): SessionOpened {
  return {
    session: session.sessionId,
    playerId: session.playerId,
    position,
    recovered,
    ...(notRecovered && { notRecovered }),
    serverId: Config.SERVER_ID,
    version: session.version,
    ...expiryOf(session.tokenExpiresAt),
    retryPolicies: session.routes.retryPolicies,
  };
}
