import { context, trace } from '@opentelemetry/api';
import type { ReceivedSpan, TraceReceiver } from '@ccgame/testing';
import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Has this process record traces, as a server does that is told where to send them. @returns what ends it */
export function traceThisProcess(service: string, receiver: TraceReceiver): () => void {
  const provider = new NodeTracerProvider({
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => receiver.addSpan(receivedSpan(span, service)),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  provider.register();
  return () => {
    trace.disable();
    context.disable();
  };
}

function receivedSpan(span: ReadableSpan, service: string): ReceivedSpan {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanoseconds] = span.duration;
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    // OTLP counts from 1.
    kind: span.kind + 1,
    service,
    ms: seconds * 1_000 + nanoseconds / 1e6,
    attributes: span.attributes,
    code: span.status.code,
  };
}
