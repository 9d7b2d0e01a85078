import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { machineMs } from './clock.js';
import type { CrowdReport, TablePlan } from './crowd.js';
import type { CrowdAnswer, CrowdQuestion } from './crowd-thread.js';

/** A release of a busy machine takes no longer. */
const mostMoveMs = 15_000;

/** One thread with the players of some rooms. */
class CrowdThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<
    number,
    { tell: (value: unknown) => void; fail: (error: Error) => void }
  >();
  private asked = 0;

  constructor(root: string, plans: readonly TablePlan[], urls: readonly string[]) {
    const file = join(root, 'dist/proof/torture-rooms/crowd-thread.js');
    this.worker = new Worker(file, { workerData: { plans, urls }, execArgv: [] });
    this.worker.on('message', (answer: CrowdAnswer) => this.take(answer));
    this.worker.on('error', (error) => this.failAll(error));
    this.worker.on('exit', (code) => this.failAll(new Error(`A crowd's thread ended with ${code}`)));
  }

  async ask<T>(method: CrowdQuestion['method'], since = 0): Promise<T> {
    const number = (this.asked += 1);
    const value = new Promise<unknown>((tell, fail) => this.waiting.set(number, { tell, fail }));
    this.worker.postMessage({ number, method, since } satisfies CrowdQuestion);
    return (await value) as T;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private take(answer: CrowdAnswer): void {
    const asker = this.waiting.get(answer.number);
    this.waiting.delete(answer.number);
    if ('error' in answer) asker?.fail(new Error(answer.error));
    else asker?.tell(answer.value);
  }

  private failAll(error: Error): void {
    for (const { fail } of this.waiting.values()) fail(error);
    this.waiting.clear();
  }
}

/** All players of a round, in threads: one thread of 800 clients would be held up by itself. */
export class Crowds {
  private constructor(private readonly threads: readonly CrowdThread[]) {}

  /** @param urls each player's in turn @param count of threads */
  static async open(
    root: string,
    plans: readonly TablePlan[],
    urls: readonly string[],
    count: number,
  ): Promise<Crowds> {
    const used = Math.min(count, plans.length);
    const parts = Array.from({ length: used }, (_, part) =>
      plans.filter((__, place) => place % used === part),
    );
    const crowds = new Crowds(parts.map((part) => new CrowdThread(root, part, urls)));
    await crowds.askAll('ready');
    return crowds;
  }

  async start(): Promise<void> {
    await this.askAll('start');
  }

  /** The rule of the newest state of each room. */
  async rules(): Promise<(string | undefined)[]> {
    return (await this.askAll<(string | undefined)[]>('rules')).flat();
  }

  /** Until each room was seen under the other version's rules, or it takes too long: then the report has fewer moves. */
  async untilMoved(before: readonly (string | undefined)[]): Promise<void> {
    const endsAt = machineMs() + mostMoveMs;
    while (machineMs() < endsAt) {
      const now = await this.rules();
      if (now.every((rule, place) => rule !== before[place])) return;
      await sleep(50);
    }
  }

  /** Until every player has seen something new since now, or that takes too long. */
  async untilAllSeen(withinMs: number): Promise<void> {
    const since = machineMs();
    while (machineMs() < since + withinMs) {
      const counts = await this.askAll<number>('countWaiting', since);
      if (counts.every((count) => count === 0)) return;
      await sleep(100);
    }
  }

  /** Ends them all. */
  async close(): Promise<CrowdReport[]> {
    const reports = await this.askAll<CrowdReport>('close');
    await this.end();
    return reports;
  }

  /** At once, whatever they do. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  private askAll<T>(method: CrowdQuestion['method'], since?: number): Promise<T[]> {
    return Promise.all(this.threads.map((thread) => thread.ask<T>(method, since)));
  }
}
