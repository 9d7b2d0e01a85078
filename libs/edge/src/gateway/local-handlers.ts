import { Injectable } from '@nestjs/common';
import { type JsonText, type RpcContext, rpcContext, RpcServer, type Target } from '@ccgame/rpc';
import type { SocketSession } from './socket-session.js';

interface LocalContext extends RpcContext {
  readonly session?: SocketSession;
}

/** The handlers for players in this connector's own process: their calls don't cross NATS. */
@Injectable()
export class LocalHandlers {
  constructor(private readonly server: RpcServer) {
    server.keepClientHandlers();
  }

  /**
   * Undefined: the target is another server's.
   *
   * @throws RpcError in the promise, what the handler throws
   */
  callHandler(
    session: SocketSession,
    target: Target<string>,
    data: unknown,
    context: RpcContext,
  ): Promise<JsonText> | undefined {
    if (!this.server.answersHere(target)) return undefined;
    const { requestId } = context;
    const attributes =
      requestId === undefined ? context.attributes : { ...context.attributes, request: requestId };
    const local: LocalContext = { ...context, attributes, session };
    return this.server.callHere(target.handler, data, local);
  }
}

/**
 * The session of the player whose message is handled, in a handler in the connector's own process.
 *
 * @throws Error elsewhere: other servers know the player by the attributes of the call
 */
export function callingSession(): SocketSession {
  const { session } = rpcContext.get() as LocalContext;
  if (session) return session;
  throw new Error('Only a handler in the connector itself, called by a player, has the session');
}
