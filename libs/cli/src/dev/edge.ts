import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { chooseServer, type EdgeLookup } from './choose-server.js';

/** As a cluster's Gateway ends a connection that asks for nothing: by Node's own limits it stays for 60 to 90 s. */
const limits = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // Longer than a client keeps an idle connection, or a request meets one that is just being closed.
  keepAliveTimeout: 65_000,
};

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
  const server = createServer(limits, (request, response) => {
    const target = chooseServer(request, lookup);
    if (!target) return unavailable(response);
    proxy.web(request, response, { target }).catch(() => unavailable(response));
  });
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = chooseServer(request, lookup);
    if (!target) return socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    proxy
      .ws(request, socket as Parameters<typeof proxy.ws>[1], { target }, head)
      .catch(() => socket.destroy());
  });
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

function unavailable(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(503, { 'content-type': 'application/problem+json' });
  response.end(
    JSON.stringify({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      code: 'NO_SERVER',
      retryable: true,
    }),
  );
}
