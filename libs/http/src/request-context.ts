import { AsyncResource } from 'node:async_hooks';
import { Config } from '@ccgame/config';
import { endSpan, openTrace, type RpcContext, rpcContext, runWithin, slowLog } from '@ccgame/rpc';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { routeOf } from './route-of.js';

/**
 * Handles each request in a context with its trace and route: lines of the log have them, and calls carry the trace on. A
 * request that is slow is told with the calls that it waited for.
 */
export function openRequestContexts(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const resources = new WeakMap<FastifyRequest, AsyncResource>();
  const contexts = new WeakMap<FastifyRequest, RpcContext & { startedAt: number }>();
  fastify.addHook('onRequest', (request, _, done) => {
    const context = { ...contextOf(request), startedAt: performance.now() };
    contexts.set(request, context);
    const begin = (): void => {
      resources.set(request, new AsyncResource('ccgame-http-request'));
      done();
    };
    if (context.span) runWithin(context.span, context, begin);
    else rpcContext.run(context, begin);
  });
  // The body is read in the context of the connection.
  fastify.addHook('preValidation', (request, _, done) => {
    const resource = resources.get(request);
    if (resource) resource.runInAsyncScope(done);
    else done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    const context = contexts.get(request);
    contexts.delete(request);
    // Its client gave up: of all slow ones the slowest.
    if (context) tellIfSlow(context, performance.now() - context.startedAt, { failed: 'aborted' });
    if (context?.span) endSpan(context.span, 'aborted');
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const context = contexts.get(request);
    const { elapsedTime: ms, statusCode: status } = reply;
    if (context) tellIfSlow(context, ms, { status });
    if (context?.span) {
      context.span.setAttribute('http.response.status_code', status);
      endSpan(context.span, status >= 500 ? String(status) : undefined);
    }
    done();
  });
}

function tellIfSlow(context: RpcContext, ms: number, end: { status: number } | { failed: string }): void {
  if (ms < Config.SLOW_REQUEST_SECONDS * 1_000) return;
  rpcContext.run(context, () => slowLog.tell({ event: 'request.slow', ms, ...end, hops: context.hops }));
}

/** One that another server forwarded goes on with that server's trace. */
function contextOf(request: FastifyRequest): RpcContext {
  const route = routeOf(request);
  const from = rpcContext.get().traceparent ?? request.headers.traceparent;
  const trace = openTrace(
    route,
    () => ({ 'http.request.method': request.method, 'http.route': route }),
    from,
  );
  return { ...trace, route, attributes: {}, hops: [] };
}
