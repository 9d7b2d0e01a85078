import { basename } from 'node:path';
import {
  type GameNats,
  natsOptions,
  preciseCpuSeconds,
  rssMb,
  startGameNats,
  tokenOf,
} from '@ccgame/testing';
import { LightClient } from '../connector/light-client.js';
import { Setup, unlimited } from '../connector/setup.js';
import { round } from '../connector/statistics.js';

const atOnce = 64;
const kbPerMb = 1_024;

interface Usage {
  at: number;
  rssMb: number;
  seconds: number;
}

/** The connector's and nats-server's. */
interface Usages {
  connector: Usage;
  nats: Usage;
}

interface Weight extends Usages {
  sockets: number;
}

/** The connector of one tree with a NATS of its own, and players who do nothing. */
export class IdleSide {
  private closed = 0;
  private sockets = 0;
  private empty?: Weight;
  private last?: Weight;
  private half?: Usages;

  private constructor(
    private readonly tree: string,
    private readonly nats: GameNats,
    private readonly setup: Setup,
    private readonly connector: { url: string; pid: number },
  ) {}

  static async start(tree: string, nodeOptions: string[]): Promise<IdleSide> {
    // With Go's own collector, as in the manifests: tests let it wait until the heap is five times as large as what lives.
    const nats = await startGameNats({ server: { ...(await natsOptions()), env: {} } });
    const setup = new Setup(nats, tree);
    const connector = await setup.connector(0, unlimited, undefined, nodeOptions);
    return new IdleSide(tree, nats, setup, connector);
  }

  /** Before anybody is there. */
  weighEmpty(): void {
    this.empty = this.last = { sockets: 0, ...this.usages() };
  }

  async openUntil(sockets: number): Promise<void> {
    const waiting = Array.from({ length: sockets - this.sockets }, (_, index) => ({
      token: tokenOf(`c${this.sockets + index}`),
      protocol: 1,
    }));
    const open = async (): Promise<void> => {
      for (let auth = waiting.pop(); auth; auth = waiting.pop()) {
        const client = await new LightClient({ url: this.connector.url, auth }).open();
        void client.closed.then(() => (this.closed += 1));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, open));
    this.sockets = sockets;
  }

  /** CPU counts from now until {@link weigh}. */
  beginCounting(): void {
    this.half = this.usages();
  }

  describe(): string {
    const now = this.usages();
    return `${basename(this.tree)}: ${this.kbEach('connector', now)} KB a session, NATS ${this.kbEach('nats', now)} KB`;
  }

  /** The players' cost, and that of each one more since the number before. */
  weigh(): Record<string, number | string> {
    const now = { sockets: this.sockets, ...this.usages() };
    const [before, half] = [this.last, this.half ?? now];
    this.last = now;
    return {
      tree: basename(this.tree),
      sockets: this.sockets,
      rss_kb_per_session: this.kbEach('connector', now),
      nats_kb_per_session: this.kbEach('nats', now),
      rss_kb_per_session_more: this.kbEach('connector', now, before),
      nats_kb_per_session_more: this.kbEach('nats', now, before),
      idle_cores: round(coresBetween(half.connector, now.connector), 4),
      nats_idle_cores: round(coresBetween(half.nats, now.nats), 4),
      closed: this.closed,
    };
  }

  async stop(): Promise<void> {
    await this.setup.stop();
    await this.nats.destroy();
  }

  private kbEach(of: keyof Usages, now: Usages, before = this.empty): number {
    const mb = now[of].rssMb - (before?.[of].rssMb ?? 0);
    return round((mb * kbPerMb) / (this.sockets - (before?.sockets ?? 0)), 1);
  }

  private usages(): Usages {
    return { connector: usageOf(this.connector.pid), nats: usageOf(this.nats.pid ?? 0) };
  }
}

function usageOf(pid: number): Usage {
  return { at: performance.now(), rssMb: rssMb(pid), seconds: preciseCpuSeconds(pid) };
}

function coresBetween(before: Usage, after: Usage): number {
  return ((after.seconds - before.seconds) * 1_000) / (after.at - before.at);
}
