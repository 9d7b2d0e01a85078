import type { GatewayMessageDto } from '@ccgame/protocol';
import type { Type } from '@nestjs/common';
import type { HandlerContract, ReachableServer, Target } from '@ccgame/rpc';
import type { SocketSession } from './gateway/socket-session.js';
import type { SessionHooks } from './hooks/session-hooks.js';

/** The servers that a message could go to. */
export interface KnownServers {
  /** Those of a type, of one version or of all, with their load: see `RpcService.listServers`. @throws RpcError NO_SERVER while NATS is away */
  listServers(serverType: string, version?: string): Promise<readonly ReachableServer[]>;
}

/** A game's own rules for its players' messages. */
export interface EdgeOptions {
  /** Every handler that players may call, as declared by `clientHandler`. */
  handlers: HandlerContract[];
  /**
   * Chooses the server that answers a message. Left out: `<server type>.<handler>` goes to any server of that type and of
   * the version that the message or its session carries. The session tells who asks, which room the player is in (`boundTo`) and which server the
   * session is bound to (`boundServer`); `servers` tells which servers there are.
   *
   * @throws RpcError UNKNOWN_ROUTE
   */
  route?: (
    message: GatewayMessageDto,
    session: SocketSession,
    servers: KnownServers,
  ) => Target<string> | Promise<Target<string>>;
  /** Routes that a player may call less often than the session's limit allows. For a room's view, which has a limit of its own: another one. */
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
