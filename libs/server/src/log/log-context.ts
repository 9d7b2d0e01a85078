import { rpcContext, traceIdOf } from '@ccgame/rpc';

/** The fields that every line has about its request, where there is one. */
export function contextFields(): object {
  const { traceparent, route, attributes, requestId } = rpcContext.get();
  const { uid: playerId, session, request = requestId } = attributes;
  return { trace: traceIdOf(traceparent), route, playerId, session, request };
}
