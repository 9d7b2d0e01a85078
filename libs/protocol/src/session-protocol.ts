import type { GatewayMessageDto } from './gateway-message.dto.js';
import type { RetryPolicy } from '@ccgame/rpc';

/** The contents of socket.io's `auth` in a handshake. A plain client needs no more than the token. */
export interface HandshakeAuth {
  token: string;
  /** `1.0.0000`; the `Version` header and the `version` query say the same. */
  version?: string;
  /** The protocol that the client speaks: 1 asks for the pushes of {@link SessionPushes}. */
  protocol?: 1;
  resume?: ResumeFrom;
  /** The client's own word for itself, new at each start: tells its next socket from another tab with the same `resume`. */
  instance?: string;
  /** Written by socket.io's client itself when it reconnects: what the last welcome and the last event said. */
  pid?: string;
  offset?: string;
  /** Without protocol 1: whether pushes carry the offset as a second argument, which socket.io's client resumes by. */
  recovery?: boolean;
}

/** The place up to which a client has seen its pushes. */
export interface ResumeFrom {
  /** The session's id, from `session.opened`. */
  session: string;
  /** The `position` of the last reliable push, or a later one from `session.position`. */
  position: number;
  /** The first socket is still open and is left once this one is: its requests in flight finish there. */
  moving?: boolean;
}

/** A message to a client. */
export interface PushMessage extends Omit<GatewayMessageDto, 'version'> {
  /** The place in the push log of a reliable push. Higher than the one before, not always by one. */
  position?: number;
}

/** Pushes about the session itself, by route; only clients of protocol 1 get them. */
export interface SessionPushes {
  /** The first push on every socket; the missed ones follow it, then the new ones. */
  'session.opened': SessionOpened;
  /** Its `position` is the news: keeps an idle player's position younger than the log. Every few seconds. */
  'session.position': Record<string, never>;
  /** The connector is going: connect elsewhere and resume within this time. */
  'session.move': { withinMs: number };
  /** The last push before the connector closes the socket. */
  'session.closed': SessionClosed;
}

/** The payload of `session.opened`, the first message on every socket. */
export interface SessionOpened {
  session: string;
  /** Left out by servers that are older than the field. */
  playerId?: string;
  /** Where the pushes on this socket start: those above it follow. */
  position: number;
  /** False for a new session, and where pushes may be missing. The game's state is to be fetched anew then, though missed pushes may follow. */
  recovered: boolean;
  /** Why a resume did not work; left out where none was asked for. */
  notRecovered?: NotRecovered;
  serverId: string;
  version: string;
  /** After this time the token has run out; `session.renew` takes a newer one. Left out: it never does. */
  tokenExpiresInMs?: number;
  /** The routes that may be sent again after a break; a route that isn't here may not. */
  retryPolicies: Record<string, Exclude<RetryPolicy, 'never'>>;
}

/**
 * `expired`: away longer than the log keeps, or the servers lost the log. `unknown-session`: the session ended, was lost or never
 * was this player's. `ahead`: a position that the log has not reached.
 */
export type NotRecovered = 'expired' | 'unknown-session' | 'ahead';

/** The payload of `session.closed`, the last message on a socket that the connector ends. */
export interface SessionClosed {
  /**
   * `KICKED`: the player connected with another device. `DUPLICATE`: another client goes on with this session, as in a duplicated
   * tab. `TOKEN_EXPIRED`: the token ran out and was not renewed. `SLOW_CONSUMER`, `ABUSE`: the connection's own fault.
   * `REMOVED`: an operator ended the session. `BANNED`: an operator keeps the player out.
   * `DRAINING`: the connector stops. `MOVED`: the next socket took over. `BUSY`: the push log can't be reached.
   * Another word is the game's own.
   */
  code:
    | 'KICKED'
    | 'DUPLICATE'
    | 'TOKEN_EXPIRED'
    | 'SLOW_CONSUMER'
    | 'ABUSE'
    | 'REMOVED'
    | 'BANNED'
    | 'DRAINING'
    | 'MOVED'
    | 'BUSY'
    | (string & {});
  /** Whether connecting again makes sense; after KICKED it would kick the other device in turn. */
  reconnect: boolean;
  retryAfterMs?: number;
  /** The operator's words, with REMOVED and BANNED. */
  reason?: string;
  /** The end of the ban, epoch ms, with BANNED; left out where it has none. */
  until?: number;
}

/** The route of a Request that the connector answers itself: it takes a newer token of the same player, `{ token }`. */
export const renewRoute = 'session.renew';

/** The answer to {@link renewRoute}. */
export interface TokenRenewed {
  /** As `tokenExpiresInMs`. */
  tokenExpiresInMs?: number;
}
