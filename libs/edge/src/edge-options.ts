import type { GatewayMessageDto } from '@ccgame/protocol';
import type { Type } from '@nestjs/common';
import type { HandlerContract, Target } from '@ccgame/rpc';
import type { SocketSession } from './gateway/socket-session.js';
import type { SessionHooks } from './hooks/session-hooks.js';

/** A game's own rules for its players' messages. */
export interface EdgeOptions {
  /** Every handler that players may call, as declared by `clientHandler`. */
  handlers: HandlerContract[];
  /**
   * Chooses the server that answers a message. Left out: `<server type>.<handler>` goes to any server of that type and of
   * the version that the message or its session carries. The session tells who asks, and which room the player is in (`boundTo`).
   *
   * @throws RpcError UNKNOWN_ROUTE
   */
  route?: (message: GatewayMessageDto, session: SocketSession) => Target<string> | Promise<Target<string>>;
  /** Routes that a player may call less often than the session's limit allows. */
  routeLimits?: Record<string, RouteLimit>;
  /**
   * Routes of Requests and Notifies, and events of the game's own, that bring what a player says to others: those of a muted player
   * are refused with MUTED.
   */
  chat?: readonly string[];
  /** The game's own code at the turning points of its players' sockets. */
  hooks?: Type<SessionHooks>[];
}

/** A token bucket for one player's messages of one route. */
export interface RouteLimit {
  /** Messages a second, on average: 0.001 to a million. */
  perSecond: number;
  /** Messages at once: a whole number from 1 to a million. */
  burst: number;
}

/** Injection token of {@link EdgeOptions}. */
export const EDGE_OPTIONS = Symbol('EDGE_OPTIONS');
