import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { namedVersion, takeVersionFromPath } from '@ccgame/config';

/** Finds an address for a server type and version; without a version, of the stable one. */
export type EdgeLookup = (
  serverType: 'http' | 'connector',
  version: string | undefined,
) => string | undefined;

/** The public port: it stands for the cluster's Ingress. */
export interface Edge {
  url: string;
  close(): void;
}

/**
 * The laptop's Ingress: one public port for all versions. Like the HTTPRoutes in k8s/, it matches the client's version in
 * the `Version` header, the `version` query or the `/v/<version>/` path, and sends `/socket.io` to the connectors.
 *
 * @throws the listen error, `code: 'EADDRINUSE'` when the port is taken.
 */
export async function startEdge(port: number, lookup: EdgeLookup): Promise<Edge> {
  const proxy = createProxyServer({ xfwd: true });
  const server = createServer((request, response) => {
    const target = route(request, lookup);
    if (!target) return unavailable(response);
    proxy.web(request, response, { target }).catch(() => unavailable(response));
  });
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = route(request, lookup);
    if (!target) return socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    proxy
      .ws(request, socket as Parameters<typeof proxy.ws>[1], { target }, head)
      .catch(() => socket.destroy());
  });
  // Longer than a client keeps an idle connection, or a request meets one that is just being closed.
  server.keepAliveTimeout = 65_000;
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

/** Chooses the server. The path stays as it is, since servers read a version in it as well. */
function route(request: IncomingMessage, lookup: EdgeLookup): string | undefined {
  const asked = { url: request.url, headers: { ...request.headers } };
  const url = new URL(takeVersionFromPath(asked), 'http://edge');
  const { version: inHeader } = asked.headers;
  const version =
    namedVersion(typeof inHeader === 'string' ? inHeader : undefined) ??
    namedVersion(url.searchParams.get('version') ?? undefined);
  return lookup(url.pathname.startsWith('/socket.io') ? 'connector' : 'http', version);
}

function unavailable(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(503, { 'content-type': 'application/problem+json' });
  response.end(
    JSON.stringify({ type: 'about:blank', title: 'Service Unavailable', status: 503, code: 'NO_SERVER' }),
  );
}
