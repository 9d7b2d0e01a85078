import type { NatsCluster, NatsServer, PlayerNetwork, StartedServer } from '@ccgame/testing';
import { beginsWith, chosenNames } from '../chosen-names.js';
import { type Fleet, versions } from './fleet.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The deeds against the servers, one after another and round again. Each resolves when the damage is repaired. */
export class Chaos {
  readonly counts = new Map<string, number>();
  private turn = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly network: PlayerNetwork,
    private readonly nats: NatsServer | NatsCluster,
    private readonly tell: (line: string) => void,
  ) {}

  /** Goes on until the deadline, epoch ms; what has begun is finished. `only`: deeds whose name begins so. */
  async run(deadline: number, pauseMs: number, only: string): Promise<void> {
    const all: [string, () => Promise<void>][] = [
      ['connector SIGKILL', () => this.kill()],
      ['clients cut', async () => void this.network.cut(0.3)],
      ['connector SIGTERM', () => this.drain(this.pick())],
      ['nats-server SIGKILL', () => this.nats.restart('SIGKILL')],
      ['version move', () => this.moveVersion()],
      ['clients half-open', async () => void this.network.halfOpen(0.1)],
      ['connector SIGSTOP', () => this.pause()],
      ['nats-server SIGTERM', () => this.nats.restart('SIGTERM')],
      ['nats-server SIGSTOP', () => this.pauseNats()],
    ];
    const chosen = chosenNames(
      all.map(([name]) => name),
      [only],
      beginsWith,
    );
    const deeds = all.filter(([name]) => chosen.includes(name));
    while (Date.now() < deadline) {
      const [name, deed] = deeds[this.turn++ % deeds.length];
      this.tell(name);
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      await deed();
      await sleep(pauseMs);
    }
  }

  /** The servers of the version that the players are on. */
  private pick(): StartedServer {
    const fitting = this.fleet.connectors.filter((one) => one.version === this.network.version);
    return fitting[this.turn % fitting.length];
  }

  private async kill(): Promise<void> {
    const victim = this.pick();
    await victim.process.kill();
    await this.fleet.restart(victim);
  }

  private async drain(victim: StartedServer): Promise<void> {
    this.fleet.leaving.add(victim);
    const how = await victim.process.stop(45_000);
    if (how !== 'exit code 0') this.count(`drain ended by ${how}`);
    await this.fleet.restart(victim);
  }

  private async pause(): Promise<void> {
    const victim = this.pick();
    victim.process.signal('SIGSTOP');
    await sleep(3_000 + Math.random() * 4_000);
    victim.process.signal('SIGCONT');
  }

  private async pauseNats(): Promise<void> {
    this.nats.pause();
    await sleep(2_000);
    this.nats.resume();
  }

  /** New clients go to the other version; the connectors of the first are drained, and come back empty. */
  private async moveVersion(): Promise<void> {
    const before = this.network.version;
    this.network.version = versions.find((version) => version !== before) ?? before;
    const old = this.fleet.connectors.filter((one) => one.version === before);
    await Promise.all(old.map((one) => this.drain(one)));
  }

  private count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
