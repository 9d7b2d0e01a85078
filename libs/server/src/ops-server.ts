import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { register } from 'prom-client';
import { listenHost, requestLimits } from './listen.js';
import { readMetrics } from './read-metrics.js';

/** The state that the ops port shows. `missing` is empty when the server is ready. */
export interface OpsState {
  missing(): string[];
}

/**
 * The port that Kubernetes and Prometheus look at: `GET /` 200 when ready and 503 otherwise, `GET /livez` 200 as long
 * as the event loop turns, `GET /metrics` in Prometheus text.
 *
 * @throws the listen error, with `code: 'EADDRINUSE'` when the port is taken.
 */
export async function startOpsServer(port: number, state: OpsState): Promise<Server> {
  const server = createServer(
    requestLimits,
    (request, response) => void answerProbe(request, response, state),
  );
  server.listen({ port, host: await listenHost() });
  await once(server, 'listening');
  return server;
}

async function answerProbe(
  request: IncomingMessage,
  response: ServerResponse,
  state: OpsState,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'method not allowed');
  if (path === '/livez') return send(response, 200, 'alive');
  if (path === '/metrics') return send(response, 200, await readMetrics(), register.contentType);
  if (path !== '/') return send(response, 404, 'not found');
  const missing = state.missing();
  return missing.length === 0
    ? send(response, 200, 'ready')
    : send(response, 503, `not ready: ${missing.join(', ')}`);
}

function send(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(`${text}\n`);
}
