import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import type { NatsHealth } from '@ccgame/nats';
import { untilRound } from '../rounds.js';
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
  /** How often `make` is called where nothing else tells of a fault, ms: of what isn't a stream of NATS. */
  everyMs?: number;
}

/** How often a probe is written, ms. */
const probeMs = 4_000;
/** How often a stream is looked up without a reason: where this server writes nothing there; and where it does, for the size, ms. */
const lookUpMs = { unwritten: 16_000, written: 32_000 };
/** Where NATS doesn't let this server hear that streams are deleted, ms. */
const deafMs = 2_000;
/** A wait at the start, ms. */
const firstTryMs = 500;
/** After a failed read or write it looks, but not sooner than so long after the last look, ms. */
const doubtMs = 2_000;
/** NATS tells of a deletion, and answers for no stream, before the old one's files are gone: one made at that moment may lose its own, ms. */
const settleMs = { least: 500, most: 750 };
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
 * Keeps streams or buckets: `make`, which finds them or creates what is missing, runs now and whenever there is a reason to: a small
 * message, written every four seconds for as long as NATS is connected, was not stored; a read or write of the game failed; NATS
 * came back, or says that the stream was deleted; and every 16 s where this server writes nothing there (decision 285). It follows the answers,
 * not what might be their cause: a deleted bucket, a lost store and a NATS that came back empty all show as a no. Meanwhile this server
 * isn't ready; a cluster of NATS may be silent for as long as it takes to elect a leader.
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
  // First, as NATS may say meanwhile what this server may not hear.
  const keeper = new StreamKeeper(health, make, options);
  try {
    await makeFirst(health, make, options);
  } catch (error) {
    keeper.stop();
    throw error;
  }
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
      await sleep(firstTryMs);
    }
  }
}

class StreamKeeper {
  private isStopped = false;
  private refusals = 0;
  /** Since when nothing was answered, by `performance.now()`. */
  private silentSince?: number;
  /** There is a reason to look now: NATS came back and may have lost all that it had, or the stream was deleted. */
  private isDue = false;
  private checkedAt = -Infinity;
  private madeAt = -Infinity;
  private settling?: NodeJS.Timeout;
  private slow?: NodeJS.Timeout;
  private wake = (): void => undefined;
  private readonly endings: (() => void)[];

  constructor(
    private readonly health: NatsHealth,
    private readonly make: () => Promise<unknown>,
    private readonly options: EnsureOptions,
  ) {
    const { deletions, storage } = health;
    this.endings = [
      health.onChange((connected) => connected && this.checkNow()),
      storage.onDoubt(() => performance.now() - this.checkedAt > doubtMs && this.checkAfterwards()),
      deletions.onDeleted(options.name, () => this.checkAfterwards()),
      () => clearTimeout(this.settling),
      () => clearInterval(this.slow),
    ];
  }

  /** Ends with {@link stop}, or the connection. */
  async run(): Promise<void> {
    this.checkedAt = this.madeAt = performance.now();
    while (!this.isOver) {
      if (!this.isDue) await this.rest();
      const isLookUp = this.isLookUpDue();
      this.isDue = false;
      if (!this.isOver && this.health.connected) await this.checkStream(isLookUp);
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const end of this.endings) end();
    this.health.storage.forget(this.options.name);
  }

  private get isOver(): boolean {
    return this.isStopped || this.health.isClosed;
  }

  private checkNow(): void {
    this.settling = undefined;
    this.isDue = true;
    this.wake();
  }

  /** When what was deleted is gone for good, and not all servers at once. */
  private checkAfterwards(): void {
    const { least, most } = settleMs;
    this.settling ??= setTimeout(() => this.checkNow(), least + Math.random() * (most - least)).unref();
  }

  private async checkStream(isLookUp: boolean): Promise<void> {
    this.checkedAt = performance.now();
    const { name, probe } = this.options;
    // Again and again: `make` may wait for as long as there is no stream.
    this.slow = setInterval(() => this.missAnswer('no answer yet'), slowMs).unref();
    try {
      if (isLookUp) {
        await this.make();
        this.madeAt = performance.now();
      }
      if (probe) await this.health.write(probe(), slowMs);
      this.refusals = 0;
      this.silentSince = undefined;
      if (!this.isOver) this.health.storage.pass(name);
    } catch (error) {
      const reason = errorText(error);
      if (isSilence(error)) this.missAnswer(reason);
      else this.takeRefusal(reason);
    } finally {
      clearInterval(this.slow);
    }
  }

  /** Whether an answer to the probe would not be enough. */
  private isLookUpDue(): boolean {
    if (!this.options.probe || this.isDue || this.refusals > 0) return true;
    return performance.now() - this.madeAt > lookUpMs.written - probeMs / 2;
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

  private restMs(): number {
    const { probe, everyMs = this.health.deletions.areHeard ? lookUpMs.unwritten : deafMs } = this.options;
    if (this.refusals === 0) return untilRound(probe ? probeMs : everyMs);
    const { first, most } = retryMs;
    // Not all servers at once.
    return Math.min(first * 2 ** this.refusals, most) * (0.75 + Math.random() / 2);
  }
}
