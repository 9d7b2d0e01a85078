import type { SocketSession } from '../gateway/socket-session.js';

/**
 * A game's own code at the turning points of its players' sockets. Classes of it are named in `EdgeOptions.hooks`; each is a
 * provider of some module, or gets its dependencies from any.
 */
export interface SessionHooks {
  /** A new session, before its player is welcomed. Throwing refuses it, as does taking over 10 s; an RpcError says why. */
  onConnect?(session: SocketSession): void | Promise<void>;
  /** A session that goes on, on another socket. Throwing refuses that. */
  onResume?(session: SocketSession): void | Promise<void>;
  /** The socket is gone that `onConnect` or `onResume` let in; the player may be back within a minute. @param reason a close's code, or socket.io's word */
  onDisconnect?(session: SocketSession, reason: string): void | Promise<void>;
  /** Each event, before its handlers. Throwing refuses it; an RpcError tells the client why. One that waits holds back later ones not. */
  onMessage?(session: SocketSession, event: string, data: unknown): void | Promise<void>;
}
