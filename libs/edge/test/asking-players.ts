import { preciseCpuSeconds, type StartedServer } from '@ccgame/testing';
import type { Cluster } from './cluster.js';
import { Player } from './player.js';

const ask = { route: 'matching.user_leave_matching', data: {} };
const playerCount = 10;
const pauseMs = 15;
const windowMs = 400;

/** A moment of play. */
export interface Window {
  /** Each answer took so long, ms. */
  took: number[];
  /** The connector's share of a core. */
  cpu: number;
}

/** The value below which a share of all lies. */
function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

/** Windows of the calm, or of a flood, as the players felt them. */
export class Felt {
  private readonly windows: Window[] = [];

  add(window: Window): void {
    this.windows.push(window);
  }

  get count(): number {
    return this.windows.length;
  }

  /** The 99th percentile of the answers' times, ms, in the window in the middle. */
  get p99(): number {
    return this.inTheMiddle(({ took }) => quantile(took, 0.99));
  }

  get cpu(): number {
    return this.inTheMiddle(({ cpu }) => cpu);
  }

  get slowest(): number {
    return Math.max(...this.windows.flatMap(({ took }) => took));
  }

  private inTheMiddle(of: (window: Window) => number): number {
    return quantile(this.windows.map(of), 0.5);
  }
}

/** Players of a connector who ask and are answered, and others who come and go meanwhile. */
export class AskingPlayers {
  private visitors = 0;

  private constructor(
    private readonly connector: StartedServer,
    private readonly players: Player[],
  ) {}

  static async open(cluster: Cluster, connector: StartedServer): Promise<AskingPlayers> {
    const names = Array.from({ length: playerCount }, (_, number) => `friend-${number}`);
    return new AskingPlayers(
      connector,
      await Promise.all(names.map((name) => cluster.openPlain(connector, name))),
    );
  }

  /** Those whose connection ended. */
  get gone(): Player[] {
    return this.players.filter(({ disconnected }) => disconnected !== undefined);
  }

  async play(): Promise<Window> {
    const pid = this.connector.process.pid!;
    const [cpu, since] = [preciseCpuSeconds(pid), performance.now()];
    const visit = this.visit();
    const took = await Promise.all(this.players.map((player) => askOnAndOn(player)));
    const share = (preciseCpuSeconds(pid) - cpu) / ((performance.now() - since) / 1_000);
    await visit;
    return { took: took.flat(), cpu: share };
  }

  /** Others come, from the flood's own address and from another one, and are answered. */
  private async visit(): Promise<void> {
    this.visitors += 1;
    const elsewhere = { extraHeaders: { 'X-Forwarded-For': `198.51.100.${this.visitors % 250}` } };
    for (const options of [{}, elsewhere]) {
      const visitor = await Player.open(this.connector.port, `visitor-${this.visitors}`, {}, options);
      await answerOf(visitor);
      visitor.socket.disconnect();
    }
  }
}

/** @returns what it took, ms */
async function answerOf({ socket }: Player): Promise<number> {
  const since = performance.now();
  expect(await socket.timeout(30_000).emitWithAck('Request', ask)).toHaveProperty('data');
  return performance.now() - since;
}

async function askOnAndOn(player: Player): Promise<number[]> {
  const took: number[] = [];
  for (const until = performance.now() + windowMs; performance.now() < until;) {
    took.push(await answerOf(player));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return took;
}
