import {
  type Attributes,
  context as otel,
  type Context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { type RpcContext, rpcContext } from '../context.js';
import { newTraceparent, traceparentIn } from './traceparent.js';

const tracerName = 'ccgame';
let tracer: Tracer | undefined;

/** The tracer of the SDK that this process has loaded; undefined without one: then nothing here costs anything. */
function activeTracer(): Tracer | undefined {
  if (tracer) return tracer;
  // The API's own type of it doesn't tell whether an SDK stands behind it.
  const provider = trace.getTracerProvider() as { getDelegateTracer?(name: string): Tracer | undefined };
  tracer = provider.getDelegateTracer?.(tracerName);
  return tracer;
}

/** Whether an SDK records traces; asked before anything is made for a span. */
export function isTracing(): boolean {
  return activeTracer() !== undefined;
}

/**
 * Opens the trace of what a client asked for: the client's own, or a new one. With an SDK it has a span; without one, an id for
 * the log.
 *
 * @param from the client's `traceparent`, as it came
 */
export function openTrace(
  name: string,
  attributes: () => Attributes,
  from?: unknown,
): { traceparent: string; span?: Span } {
  const given = traceparentIn(from);
  const active = activeTracer();
  if (!active) return { traceparent: given ?? newTraceparent() };
  const options = { kind: SpanKind.SERVER, attributes: attributes(), root: given === undefined };
  const span = active.startSpan(name, options, below(given));
  return { traceparent: traceparentOf(span), span };
}

/**
 * A span for a part of what is handled now. Undefined without an SDK, and where nothing is handled: what a server does by itself
 * has no trace.
 */
export function startSpan(
  name: string,
  kind: SpanKind,
  attributes: () => Attributes,
  from: RpcContext = rpcContext.get(),
): Span | undefined {
  const active = activeTracer();
  if (!active) return undefined;
  const parent = parentIn(from);
  return parent && active.startSpan(name, { kind, attributes: attributes() }, parent);
}

/**
 * A span that is a trace of its own, for what a server does by itself. Undefined without an SDK.
 *
 * @param since epoch ms
 */
export function startOwnTrace(name: string, since: number, attributes: () => Attributes): Span | undefined {
  const active = activeTracer();
  return active?.startSpan(name, { startTime: since, attributes: attributes(), root: true });
}

/** The context of calls that are made within a span. */
export function contextWithin(span: Span, context: RpcContext = rpcContext.get()): RpcContext {
  return { ...context, traceparent: traceparentOf(span) };
}

/** Runs `fn` as a part of the span, for the game's own spans too. */
export function runWithin<T>(span: Span, context: RpcContext, fn: () => T): T {
  return otel.with(trace.setSpan(otel.active(), span), () =>
    rpcContext.run(contextWithin(span, context), fn),
  );
}

/** @param failed the error code, where there is one */
export function endSpan(span: Span, failed?: string): void {
  if (failed !== undefined) {
    span.setAttribute('error.type', failed);
    span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
  }
  span.end();
}

/** The game's own span, where it belongs to the trace that is handled, or else what the context says. */
function parentIn({ traceparent }: RpcContext): Context | undefined {
  const active = otel.active();
  const span = trace.getSpanContext(active);
  const given = traceparentIn(traceparent);
  if (span && (given === undefined || given.slice(3, 35) === span.traceId)) return active;
  return given === undefined ? undefined : below(given);
}

function below(traceparent: string | undefined): Context {
  if (traceparent === undefined) return otel.active();
  const parent: SpanContext = {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: parseInt(traceparent.slice(53), 16),
    isRemote: true,
  };
  return trace.setSpanContext(otel.active(), parent);
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
