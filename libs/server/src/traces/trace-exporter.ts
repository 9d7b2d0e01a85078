import { within } from '@ccgame/rpc/basics';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Sends what is left, and ends. */
export type EndTraces = () => Promise<void>;

/** A warning for each batch that can't be sent would fill the log. */
const warningPauseMs = 60_000;
/** A stop waits no longer for a collector that doesn't answer. */
const lastExportMs = 2_000;

/**
 * Starts the SDK for this process. The sampler is the SDK's own, by `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; headers for
 * the collector come from `OTEL_EXPORTER_OTLP_HEADERS`.
 *
 * @param endpoint as OTLP's exporters take it: `http://collector:4318`
 * @param resource that every span is said to be of
 */
export function startTraceExporter(
  endpoint: string,
  resource: Record<string, string>,
  warn: (reason: string) => void,
): EndTraces {
  warnSeldom(warn);
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(resource),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  return async () => {
    const sent = provider.shutdown().catch(() => undefined);
    await within(
      lastExportMs,
      () => sent,
      () => undefined,
    );
  };
}

function warnSeldom(warn: (reason: string) => void): void {
  let warnedAt = -Infinity;
  const tell = (reason: string): void => {
    if (performance.now() - warnedAt < warningPauseMs) return;
    warnedAt = performance.now();
    warn(reason);
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    DiagLogLevel.WARN,
  );
}
