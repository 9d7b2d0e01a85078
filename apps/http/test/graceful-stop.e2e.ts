import { Agent, get } from 'node:http';
import { type GameNats, startGameNats, type StartedServer, startServer } from '@ccgame/testing';

const clients = 40;

/** A load balancer as servers meet it: it keeps connections, and hears of a stop only when it next asks for health. */
class Router {
  sent = 0;
  readonly failures: string[] = [];
  private readonly agents = new Map<StartedServer, Agent>();
  private readonly ready: StartedServer[];
  private isRunning = true;
  private readonly loops: Promise<void>[] = [];

  constructor(servers: StartedServer[]) {
    this.ready = [...servers];
    for (const server of servers) this.agents.set(server, new Agent({ keepAlive: true }));
  }

  start(): void {
    this.loops.push(this.watch());
    for (let client = 0; client < clients; client += 1) this.loops.push(this.send());
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.loops);
    for (const agent of this.agents.values()) agent.destroy();
  }

  async untilSent(more: number): Promise<void> {
    const wanted = this.sent + more;
    while (this.sent < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  private async watch(): Promise<void> {
    while (this.isRunning) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const server of [...this.ready]) {
        if (!(await server.process.isReady())) this.ready.splice(this.ready.indexOf(server), 1);
      }
    }
  }

  private async send(): Promise<void> {
    while (this.isRunning) {
      const server = this.ready[this.sent % this.ready.length];
      if (!server) throw new Error('Nobody is ready.');
      this.sent += 1;
      await this.ask(server).catch((error: Error) => this.failures.push(error.message));
    }
  }

  private ask(server: StartedServer): Promise<void> {
    const url = `http://127.0.0.1:${server.port}/v1/leaderboards/duel?limit=1`;
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.agents.get(server) }, (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
        );
      });
      request.on('error', reject);
    });
  }
}

describe('an http server that is stopped while requests come over kept connections', () => {
  let nats: GameNats;
  const servers: StartedServer[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    for (const ordinal of [0, 1, 2]) {
      servers.push(await startServer({ ...where, serverType: 'http', version: '1.0.0000', ordinal }));
    }
    await Promise.all(servers.map(({ process: server }) => server.untilReady()));
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ process: server }) => server.stop()));
    await nats.destroy();
  });

  it('fails none of them', async () => {
    const router = new Router(servers);
    router.start();
    await router.untilSent(1_000);
    for (const { process: server } of servers.slice(0, 2)) {
      expect(await server.stop(15_000)).toBe('exit code 0');
      await router.untilSent(200);
    }
    await router.stop();
    expect(router.failures).toEqual([]);
    expect(router.sent).toBeGreaterThan(1_400);
  });
});
