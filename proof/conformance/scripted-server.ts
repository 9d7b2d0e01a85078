import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { ScriptedSocket } from './scripted-socket.js';
import { until } from './until.js';

/** A server that a case plays: each connection of the client waits for what the case does with it. */
export class ScriptedServer {
  readonly sockets: ScriptedSocket[] = [];
  /** The answer to `GET /v1/config`. */
  version = '1.0.0000';
  configAsked = 0;
  /** Called before each answer to it. */
  onConfigAsked = (): void => undefined;
  /** Tokens that `GET /v1/config` refuses, as they have run out. */
  readonly endedTokens = new Set<string>();
  /** Answers to `GET /v1/config` before the right one: a body, or null for one that ends before its length. */
  wrongConfigs: (string | null)[] = [];
  /** WebSockets that are refused by HTTP, as by a proxy without a server. */
  refuseNext = 0;
  /** WebSockets that a proxy closes before the server has said a word. */
  closeNext = 0;
  /** WebSockets refused so far. */
  refused = 0;
  pingInterval = 6_000;
  pingTimeout = 6_000;
  /** False: its connections say nothing by themselves. */
  pings = true;
  private taken = 0;
  private readonly webSockets = new WebSocketServer({ noServer: true });
  private readonly http = createServer((request, response) => {
    if (!request.url?.startsWith('/v1/config')) return void response.writeHead(404).end();
    this.configAsked += 1;
    this.onConfigAsked();
    const wrong = this.wrongConfigs.shift();
    if (wrong === null) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      return void response.write('{"version":', () => response.destroy());
    }
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (this.endedTokens.has(token)) {
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      return void response.end(JSON.stringify({ status: 401, code: 'UNAUTHENTICATED' }));
    }
    response.setHeader('content-type', 'application/json');
    if (wrong !== undefined) return void response.end(wrong);
    const answer = { version: this.version, httpUrl: this.url, wsUrl: this.url };
    response.end(JSON.stringify(answer));
  });

  async open(): Promise<this> {
    this.http.on('upgrade', (request, socket, head) => {
      if (this.refuseNext > 0) {
        this.refuseNext -= 1;
        this.refused += 1;
        return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      }
      this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (this.closeNext > 0) {
          this.closeNext -= 1;
          return webSocket.close(1013);
        }
        this.sockets.push(new ScriptedSocket(webSocket, socket, request.url ?? '', this));
      });
    });
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** The client's next connection. */
  async next(): Promise<ScriptedSocket> {
    await until(`connection ${this.taken + 1}`, () => this.sockets.length > this.taken);
    return this.sockets[this.taken++];
  }

  close(): void {
    for (const socket of this.sockets) socket.cut();
    this.http.closeAllConnections();
    this.http.close();
  }
}
