import { Config } from '@ccgame/config';
import type { SessionOpened } from '@ccgame/protocol';
import type { FeedStart } from '@ccgame/sessions';
import type { PlayerRoutes } from '../routes/player-routes.js';
import { expiryOf } from './token-expiry.js';

interface OpenedSession {
  sessionId: string;
  playerId: string;
  version: string;
  /** See `endOfToken`. */
  tokenEndsAt: number;
  routes: Pick<PlayerRoutes, 'retryPolicies'>;
}

/** The first push of a session on a socket: the client's place in its pushes, and who serves it. */
export function sessionOpened(
  session: OpenedSession,
  { position, recovered, notRecovered }: FeedStart,
): SessionOpened {
  return {
    session: session.sessionId,
    playerId: session.playerId,
    position,
    recovered,
    ...(notRecovered && { notRecovered }),
    serverId: Config.SERVER_ID,
    version: session.version,
    ...expiryOf(session.tokenEndsAt),
    retryPolicies: session.routes.retryPolicies,
  };
}
