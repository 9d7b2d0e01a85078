import { isObservable, lastValueFrom } from 'rxjs';
import { rpcContext } from '../context.js';
import { RpcError } from '../errors.js';
import type { Handler } from './handler.js';
import { RpcHandlerContext, type Job } from './job.js';
import { slowLog } from '../slow/slow-log.js';
import { notableShare } from '../slow/hop.js';
import { endSpan, runWithin } from '../trace/spans.js';
import { invalid } from '../validation/invalid.js';
import { WorkingCalls } from './working-calls.js';

/** Runs the calls that this server has taken, so many at once per handler, and knows all that are not finished. */
export class Executor {
  /** In no order: the last one takes the place of one that goes. Not a Set, which rehashes as calls come and go. */
  private readonly jobs: Job[] = [];
  private readonly queues = new Map<Handler, Job[]>();
  /** Handlers whose waiting calls are being begun. */
  private readonly starting = new Set<Handler>();
  private readonly idleListeners: (() => void)[] = [];
  private isOver = false;
  readonly working = new WorkingCalls(this.jobs);

  /** @param slowMs a call that takes longer is logged */
  constructor(private readonly slowMs: number) {}

  enqueue(job: Job): void {
    const { handler } = job;
    if (!job.isCall) {
      this.refuseJob(
        job,
        invalid([{ field: 'Rpc-Left', rule: 'expected a header that says how many ms are left' }]),
      );
      return;
    }
    if (this.isOver) {
      this.refuseJob(job, stoppedError({ retryable: true }));
      return;
    }
    if (handler.stats.inFlight < handler.limits.concurrency) {
      this.addJob(job);
      this.beginJob(job, job.arrivedAt);
      return;
    }
    const queue = this.queueOf(handler);
    if (queue.length >= handler.limits.queue) {
      this.refuseJob(job, new RpcError('BUSY', { retryAfterMs: retryAfterMs(handler) }));
      return;
    }
    this.addJob(job);
    queue.push(job);
    handler.stats.queued = queue.length;
  }

  /** Resolves when nothing is waiting or running any more. */
  whenIdle(): Promise<void> {
    return this.jobs.length === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.idleListeners.push(resolve));
  }

  /**
   * Answers GONE for everything that is not finished, and for all that comes from now on; whatever still runs then runs for nobody.
   * Waiting calls go first: a place that gets free would begin it.
   */
  abandonJobs(): number {
    this.isOver = true;
    const left = [...this.jobs];
    for (const job of left.filter(({ state }) => state === 'waiting')) {
      this.refuseJob(job, stoppedError({ retryable: true }));
    }
    for (const job of left.filter(({ state }) => state === 'running')) {
      this.markEnd(job);
      this.endJob(job, job.sendFailure(stoppedError()));
    }
    return left.length;
  }

  stop(): void {
    this.working.stop();
  }

  private addJob(job: Job): void {
    job.place = this.jobs.push(job) - 1;
    this.working.watch();
  }

  private beginJob(job: Job, now: number): void {
    const { handler } = job;
    if (job.isLate(now)) {
      handler.stats.late++;
      this.forgetJob(job);
      return;
    }
    job.state = 'running';
    job.startedAt = now;
    handler.stats.started++;
    handler.stats.inFlight++;
    job.startTrace();
    try {
      const data = job.readPayload();
      const payload = handler.check ? handler.check(data) : data;
      if (job.span) runWithin(job.span, job.context, () => this.runHandler(job, payload));
      else rpcContext.enter(job.context, this.runHandler, job, payload);
    } catch (error) {
      this.jobFailed(job, error);
    }
  }

  /** Makes a promise only where the payload's check or the method made one. */
  private readonly runHandler = (job: Job, payload: unknown): void => {
    const { direct } = job.handler;
    if (!direct || payload instanceof Promise) {
      void this.runByNest(job, payload);
      return;
    }
    const result = direct(payload, undefined);
    if (isThenable(result)) {
      result.then(
        (data: unknown) => this.settle(job, payload, data),
        (error: unknown) => this.jobFailed(job, error),
      );
    } else {
      this.settle(job, payload, result);
    }
  };

  /** Never throws: a result may be a proxy, or have getters that throw, and nobody would catch it here. */
  private settle(job: Job, payload: unknown, result: unknown): void {
    try {
      if (isObservable(result)) {
        void this.runByNest(job, payload, result);
      } else {
        this.jobSucceeded(job, result);
      }
    } catch (error) {
      this.jobFailed(job, error);
    }
  }

  private async runByNest(job: Job, payload: unknown, observable?: unknown): Promise<void> {
    try {
      const { invoke } = job.handler;
      const result: unknown = observable ?? (await invoke(await payload, new RpcHandlerContext([job])));
      this.jobSucceeded(
        job,
        isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result,
      );
    } catch (error) {
      this.jobFailed(job, error);
    }
  }

  private jobSucceeded(job: Job, result: unknown): void {
    if (job.state === 'running') {
      this.markEnd(job);
      this.endJob(job, job.sendResult(result));
    }
  }

  private jobFailed(job: Job, error: unknown): void {
    if (job.state === 'running') {
      this.markEnd(job);
      this.endJob(job, job.sendFailure(error));
    }
  }

  private refuseJob(job: Job, error: RpcError): void {
    job.handler.stats.recordFailure(job.sendFailure(error, 'refused'));
    this.forgetJob(job);
  }

  private markEnd(job: Job): void {
    job.endedAt = performance.now();
    job.isNotable = job.endedAt - job.arrivedAt >= this.slowMs * notableShare;
  }

  private endJob(job: Job, failedWith: string | undefined): void {
    const { stats } = job.handler;
    stats.inFlight--;
    stats.recordDuration(job.endedAt - job.startedAt);
    if (job.isNotable) this.tellIfSlow(job, failedWith);
    if (job.span) endSpan(job.span, failedWith);
    if (failedWith === undefined) {
      stats.ok++;
    } else {
      stats.recordFailure(failedWith);
    }
    this.forgetJob(job);
    this.startNext(job.handler);
  }

  private tellIfSlow(job: Job, failedWith: string | undefined): void {
    const ms = job.endedAt - job.arrivedAt;
    if (ms < this.slowMs) return;
    const { handler, context, callerType: from } = job;
    const queuedMs = Math.round(job.startedAt - job.arrivedAt);
    const fields = { event: 'rpc.slow', handler: handler.name, from, ms, queuedMs, failed: failedWith };
    rpcContext.run(context, () => slowLog.tell({ ...fields, hops: context.hops }));
  }

  private forgetJob(job: Job): void {
    job.state = 'done';
    this.removeJob(job);
    this.working.forgetCall(job);
    if (this.jobs.length === 0) {
      this.idleListeners.splice(0).forEach((resolve) => resolve());
    }
  }

  private removeJob(job: Job): void {
    const last = this.jobs.at(-1);
    if (job.place < 0 || !last) return;
    this.jobs[job.place] = last;
    last.place = job.place;
    job.place = -1;
    this.jobs.pop();
  }

  /** Not from within itself: calls that end at once would each begin the next one, as deep as the queue is long. */
  private startNext(handler: Handler): void {
    const queue = this.queues.get(handler);
    if (!queue || this.starting.has(handler)) return;
    this.starting.add(handler);
    while (queue.length > 0 && handler.stats.inFlight < handler.limits.concurrency) {
      const job = queue.shift() as Job;
      handler.stats.queued = queue.length;
      if (job.state === 'waiting') this.beginJob(job, performance.now());
    }
    this.starting.delete(handler);
  }

  private queueOf(handler: Handler): Job[] {
    const queue = this.queues.get(handler) ?? [];
    this.queues.set(handler, queue);
    return queue;
  }
}

function stoppedError(options: { retryable?: boolean } = {}): RpcError {
  return new RpcError('GONE', { message: 'The server stopped before the call was finished', ...options });
}

/** A query builder of a database library is a promise by its `then` alone. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise || typeof (value as { then?: unknown } | null)?.then === 'function';
}

/** When a place is free again: what is ahead in the queue, at the pace of late. */
function retryAfterMs({ stats, limits }: Handler): number {
  const rounds = Math.ceil((stats.queued + 1) / limits.concurrency);
  return Math.max(1, Math.ceil(stats.averageMs * rounds));
}
