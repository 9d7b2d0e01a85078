import { rpcContext, traceIdOf } from '@ccgame/rpc';

/** What every line says of the request that it is about, as far as there is one. */
export function contextFields(): object {
  const { traceparent, route, attributes } = rpcContext.get();
  const { uid: playerId, session, request } = attributes;
  return { trace: traceIdOf(traceparent), route, playerId, session, request };
}
