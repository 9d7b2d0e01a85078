import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Selector {
  matchLabels: Record<string, string>;
  gameServerState?: 'READY' | 'ALLOCATED';
}

interface AllocationRequest {
  namespace: string;
  gameServerSelectors: Selector[];
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

interface GameServer {
  name: string;
  state: 'READY' | 'ALLOCATED';
  labels: Record<string, string>;
}

/**
 * Speaks the REST contract of Agones' allocator service: `POST /gameserverallocation` takes selectors in order, each for
 * game servers that are ready or already allocated, labels the one it takes, and answers 429 with a gRPC status when there
 * is none.
 */
export class FakeAgones {
  readonly gameServers: GameServer[] = [];
  readonly requests: AllocationRequest[] = [];
  /** The failures that the next requests get instead of an answer, in their order. */
  readonly failures: ('hang' | 'hang-up' | 'rubbish' | number)[] = [];
  private readonly server: Server;

  private constructor(private readonly tls?: ServerOptions) {
    const answer: RequestListener = (request, response) => void this.answer(request, response);
    this.server = tls ? createSecureServer(tls, answer) : createServer(answer);
  }

  /** @param tls as the allocator service has it: its certificate, and whose clients' certificates it takes */
  static async start(tls?: ServerOptions): Promise<FakeAgones> {
    const agones = new FakeAgones(tls);
    agones.server.listen(0, '127.0.0.1');
    await once(agones.server, 'listening');
    return agones;
  }

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  addReady(fleet: string, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const name = `${fleet}-${this.gameServers.length}`;
      this.gameServers.push({ name, state: 'READY', labels: { 'agones.dev/fleet': fleet } });
    }
  }

  get allocated(): GameServer[] {
    return this.gameServers.filter(({ state }) => state === 'ALLOCATED');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/gameserverallocation')
      return status(response, 404, 5, 'Not Found');
    const asked = JSON.parse(await text(request)) as AllocationRequest;
    this.requests.push(asked);
    const failure = this.failures.shift();
    if (failure === 'hang') return;
    if (failure === 'hang-up') return void response.destroy();
    if (failure === 'rubbish') return void response.end('<html>');
    if (failure !== undefined) return status(response, failure, 13, 'as the test wants it');
    const found = this.find(asked);
    if (!found) return status(response, 429, 8, 'there is no available GameServer to allocate');
    found.state = 'ALLOCATED';
    Object.assign(found.labels, asked.metadata?.labels);
    const answer = {
      gameServerName: found.name,
      ports: [{ name: 'default', port: 7000 + this.gameServers.indexOf(found) }],
      address: '203.0.113.7',
      nodeName: 'node-1',
      source: 'local',
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  private find({ gameServerSelectors }: AllocationRequest): GameServer | undefined {
    for (const { matchLabels, gameServerState = 'READY' } of gameServerSelectors) {
      const found = this.gameServers.find(
        ({ state, labels }) =>
          state === gameServerState &&
          Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
      );
      if (found) return found;
    }
    return undefined;
  }
}

function status(response: ServerResponse, code: number, grpc: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code: grpc, message, details: [] }));
}
