import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface AllocationRequest {
  metadata: { labels: Record<string, string> };
}

/** The share of the requests that fails in each of three ways. */
const failing = 0.07;
const slowestMs = 400;

/** An allocator of Agones that is slow, and often fails: also after it has given a game server, so that its answer is lost. */
export class UnreliableAgones {
  /** Game servers by match. */
  private readonly given = new Map<string, string>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<UnreliableAgones> {
    const agones = new UnreliableAgones();
    agones.server.listen(0, '127.0.0.1');
    await once(agones.server, 'listening');
    return agones;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many game servers it gave. */
  get count(): number {
    return this.given.size;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metadata } = (await json(request)) as AllocationRequest;
    const match = metadata.labels['ccgame.dev/match'] ?? '';
    await new Promise((resolve) => setTimeout(resolve, Math.random() ** 3 * slowestMs));
    const chance = Math.random();
    if (chance < failing) return void response.writeHead(429).end('{"code":8}');
    if (chance < 2 * failing) return void response.writeHead(500).end();
    const name = this.given.get(match) ?? `game-server-${this.given.size}`;
    this.given.set(match, name);
    if (chance < 3 * failing) return void response.destroy();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ gameServerName: name, address: '203.0.113.7', ports: [] }));
  }
}
