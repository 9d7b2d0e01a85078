import { type Span, SpanKind } from '@opentelemetry/api';
import { endSpan, isTracing, startSpan } from '../trace/spans.js';
import type { Call } from './call.js';
import type { Route } from './route.js';

/** The part of a trace that a call is; undefined where nobody records it. */
export function callSpan(route: Route, kind = SpanKind.CLIENT): Span | undefined {
  if (!isTracing()) return undefined;
  const { handler, kind: target, serverId, serverType = serverId, version } = route;
  return startSpan(`${serverType}.${handler}`, kind, () => ({
    'rpc.system': 'ccgame',
    'rpc.method': handler,
    'ccgame.target': target,
    'ccgame.version': version,
  }));
}

/** @param result `ok`, or the code of the error */
export function endCallSpan(span: Span, { server, answeredBy = server }: Call, result: string): void {
  const serverId = answeredBy?.split('/')[0];
  if (serverId !== undefined) span.setAttribute('server.address', serverId);
  endSpan(span, result === 'ok' ? undefined : result);
}
