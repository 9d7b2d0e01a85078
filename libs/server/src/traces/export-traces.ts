import { Config } from '@ccgame/config';
import type { EndTraces } from './trace-exporter.js';
import type { Logger } from '@nestjs/common';

/**
 * Records traces and sends them by OTLP/HTTP (JSON) where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to. Otherwise nothing of the
 * SDK is loaded, as loading modules is most of a server's start.
 */
export async function exportTraces(log: Logger): Promise<EndTraces> {
  const endpoint = Config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return () => Promise.resolve();
  const { startTraceExporter } = await import('./trace-exporter.js');
  const { SERVER_ID, SERVER_TYPE, VERSION, NODE_ENV } = Config;
  return startTraceExporter(
    endpoint,
    {
      'service.name': SERVER_TYPE,
      'service.instance.id': SERVER_ID,
      'service.version': VERSION,
      'deployment.environment.name': NODE_ENV,
    },
    (reason) => log.warn({ event: 'traces.failed', reason }),
  );
}
