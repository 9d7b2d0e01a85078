import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { pathOfTarget } from '@ccgame/config';
import { chooseServer, type EdgeLookup } from './choose-server.js';
import { answerWithProblem, type EdgeProblem, endWithProblem } from './edge-problem.js';

/** As a cluster's Gateway ends a connection that asks for nothing: by Node's own limits it stays for 60 to 90 s. */
const limits = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // Longer than a client keeps an idle connection, or a request meets one that is just being closed.
  keepAliveTimeout: 65_000,
  // Node's own refusal has no body.
  requireHostHeader: false,
};

const unavailable: EdgeProblem = { status: 503, code: 'NO_SERVER', retryable: true };
const hostless: EdgeProblem = { status: 400, code: 'INVALID', rule: 'HTTP/1.1 needs a Host.' };

/** The public port: it stands for the cluster's Ingress. */
export interface Edge {
  url: string;
  close(): void;
}

/** Tells it before minutes of a first start. @throws the listen error, as {@link startEdge} */
export async function refuseTakenPort(port: number): Promise<void> {
  const probe = createServer().listen({ port, host: '127.0.0.1' });
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

/**
 * The laptop's Ingress: one public port for all versions. Like the HTTPRoutes in k8s/, it matches the client's version in
 * the `Version` header, the `version` query or the `/v/<version>/` path, and sends `/socket.io` to the connectors.
 *
 * @throws the listen error, `code: 'EADDRINUSE'` when the port is taken.
 */
export async function startEdge(port: number, lookup: EdgeLookup): Promise<Edge> {
  const proxy = createProxyServer({ xfwd: true });
  const server = createServer(limits, (request, response) => {
    request.url = pathOfTarget(request.url ?? '/');
    if (request.httpVersion === '1.1' && request.headers.host === undefined)
      return answerWithProblem(response, hostless);
    const target = chooseServer(request, lookup);
    if (!target) return answerWithProblem(response, unavailable);
    proxy.web(request, response, { target }).catch(() => answerWithProblem(response, unavailable));
  });
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    request.url = pathOfTarget(request.url ?? '/');
    const target = chooseServer(request, lookup);
    if (!target) return endWithProblem(socket, unavailable);
    proxy
      .ws(request, socket as Parameters<typeof proxy.ws>[1], { target }, head)
      .catch(() => socket.destroy());
  });
  answerOddRequests(server);
  server.listen({ port, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Node would answer these without a body, and `CONNECT` not at all. */
function answerOddRequests(server: Server): void {
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Duplex) => {
    if (code === 'ECONNRESET') return void socket.destroy();
    if (code === 'HPE_HEADER_OVERFLOW') return endWithProblem(socket, { status: 431, code: 'TOO_LARGE' });
    const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    endWithProblem(socket, { status, code: 'INVALID', rule: 'The request could not be read.' });
  });
  server.on('checkExpectation', (_, response) =>
    answerWithProblem(response, {
      status: 417,
      code: 'INVALID',
      rule: 'The one expectation is 100-continue.',
    }),
  );
  server.on('connect', (_, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    const problem = { status: 405, code: 'INVALID', rule: 'This server is no proxy.' };
    // The methods have to be told, also where there are none: RFC 9110, section 15.5.6.
    endWithProblem(socket, problem, ['allow: ']);
  });
}
