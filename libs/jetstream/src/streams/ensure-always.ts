import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import type { NatsHealth } from '@ccgame/nats';
import { isSilence, isToWaitFor, storageProblem } from './storage-problem.js';

/** A stream that a server needs, and how it sees whether it takes messages. */
export interface EnsureOptions {
  /** As readiness, the log and the metric name it: the stream's name. */
  name: string;
  /**
   * Gives a subject of it for a small message, where this server writes there: a stream may be there and yet take nothing,
   * as after its disk was full. Readers must leave the message out.
   */
  probe?: () => string;
}

/** How often it is asked for, ms. */
const lookMs = 2_000;
/** After a no: sooner, and then less and less often. */
const retryMs = { first: 250, most: 2_000 };
/** An answer that takes longer is none, for readiness, ms. */
const slowMs = 1_500;
/**
 * So long a cluster of NATS may look for a stream's leader, ms: nats-server 2.12 asks for votes after 4 to 9 s of silence. Nothing is
 * answered meanwhile, and a server that says it isn't ready then has everybody turned away from what still works.
 */
const electionMs = 10_000;
/** A wait at the start is told each so many tries. */
const tellEvery = 10;

/**
 * Keeps streams or buckets: `make`, which finds them or creates what is missing, runs now and every two seconds for as long
 * as NATS is connected, and a small message is written each time. It follows the answers, not what might be their cause: a
 * deleted bucket, a lost store and a NATS that came back empty all show as a no. Meanwhile this server isn't ready; a cluster of
 * NATS may be silent for as long as it takes to elect a leader.
 *
 * At first it waits while NATS is slow or starting, and says so.
 *
 * @returns what ends it
 * @throws what `make` throws the first time, when waiting won't help
 */
export async function ensureAlways(
  health: NatsHealth,
  make: () => Promise<unknown>,
  options: EnsureOptions,
): Promise<() => void> {
  await makeFirst(health, make, options);
  const keeper = new StorageKeeper(health, make, options);
  void keeper.run();
  return () => keeper.stop();
}

async function makeFirst(
  health: NatsHealth,
  make: () => Promise<unknown>,
  { name }: EnsureOptions,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await make();
      return;
    } catch (error) {
      if (!isToWaitFor(error, health.hasJetStream)) throw storageProblem(error, name) ?? error;
      const reason = errorText(error);
      if (tries % tellEvery === 0)
        new Logger('storage').warn({ event: 'storage.awaited', stream: name, reason });
      await sleep(lookMs / 4);
    }
  }
}

class StorageKeeper {
  private isStopped = false;
  private refusals = 0;
  /** Since when nothing was answered, by `performance.now()`. */
  private silentSince?: number;
  /** NATS came back, and may have lost all that it had. */
  private isDue = false;
  private wake = (): void => undefined;
  private readonly endWatch: () => void;

  constructor(
    private readonly health: NatsHealth,
    private readonly make: () => Promise<unknown>,
    private readonly options: EnsureOptions,
  ) {
    this.endWatch = health.onChange((connected) => {
      this.isDue = connected;
      if (connected) this.wake();
    });
  }

  /** Ends with {@link stop}, or the connection. */
  async run(): Promise<void> {
    while (!this.isOver) {
      if (!this.isDue) await this.rest();
      this.isDue = false;
      if (!this.isOver && this.health.connected) await this.look();
    }
  }

  stop(): void {
    this.isStopped = true;
    this.endWatch();
    this.health.storage.forget(this.options.name);
  }

  private get isOver(): boolean {
    return this.isStopped || this.health.isClosed;
  }

  private async look(): Promise<void> {
    const { storage } = this.health;
    const { name, probe } = this.options;
    const slow = setTimeout(() => this.missAnswer('no answer yet'), slowMs).unref();
    try {
      await this.make();
      if (probe) await this.health.write(probe(), slowMs);
      this.refusals = 0;
      this.silentSince = undefined;
      if (!this.isOver) storage.pass(name);
    } catch (error) {
      const reason = errorText(error);
      if (isSilence(error)) this.missAnswer(reason);
      else this.takeRefusal(reason);
    } finally {
      clearTimeout(slow);
    }
  }

  private missAnswer(reason: string): void {
    this.silentSince ??= performance.now();
    const isElection = this.health.isClustered && performance.now() - this.silentSince < electionMs;
    if (isElection) this.refusals += 1;
    else this.takeRefusal(reason);
  }

  private takeRefusal(reason: string): void {
    this.refusals += 1;
    if (!this.isOver && this.health.connected) this.health.storage.fail(this.options.name, reason);
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.restMs()).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Not all servers at once. */
  private restMs(): number {
    const { first, most } = retryMs;
    const ms = this.refusals === 0 ? lookMs : Math.min(first * 2 ** this.refusals, most);
    return ms * (0.75 + Math.random() / 2);
  }
}
