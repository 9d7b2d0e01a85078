import { Logger } from '@nestjs/common';
import type { MatchRecord } from '../contracts/matches.js';
import { NotStored } from '@ccgame/jetstream';
import type { BackfillRequest, FormedMatch } from '../pool/ticket.js';
import { fenceMessage } from '../store/messages.js';
import { metrics } from '../metrics.js';
import { isRefused, type Stored, type TicketStore } from '../store/ticket-store.js';
import { steps, type Turns } from '../turns.js';
import type { MatchView } from '../view/match-view.js';
import type { Partition, Pools } from '../view/pools.js';
import { planBackfill } from './plan-backfill.js';
import { intoBatches, planMatch, type PlannedMatch } from './plan-commit.js';

export interface OwnerContext {
  store: TicketStore;
  view: MatchView;
  pools: Pools;
  turns: Turns;
  serverId: string;
  incarnation: string;
  version: string;
  allocateWithinMs?: number;
  /** Takes a match that is written. */
  onWritten: (match: Stored<MatchRecord>) => void;
}

/** Small enough that a refusal costs little, large enough that many matches share a round trip. A batch may have 1,000. */
const mostMessages = 400;
const fewestMessages = 8;
const reachTimeoutMs = 5_000;
const shortestPauseMs = 250;
/** A partition that fails by itself, as by a ticket that its mode can't hold, is tried again ever more rarely. */
const longestPauseMs = 30_000;

/**
 * One partition, as long as this server may own it. Its fence's sequence in the stream goes with every batch, so that the
 * storage itself refuses an owner who was replaced.
 */
export class PartitionOwner {
  state: 'away' | 'taking' | 'owner' = 'away';
  /** Not again before this, by `performance.now()`: somebody else won, or NATS is away. */
  retryAt = 0;
  private readonly log = new Logger('matching');
  private fence = 0;
  /** Passes that failed one after the other. */
  private failures = 0;
  private running?: Promise<void>;
  private isDirty = false;
  private batchMessages = mostMessages;
  /** Tickets whose match is on its way to the stream, or may be. */
  private readonly inCommit = new Set<string>();

  constructor(
    readonly partition: Partition,
    private readonly context: OwnerContext,
  ) {}

  /** Writes the fence, and begins when everything before it has been read. */
  async take(): Promise<void> {
    if (this.state !== 'away') return;
    this.state = 'taking';
    const { store, view, pools, serverId, incarnation } = this.context;
    const fence = { partition: this.partition.name, serverId, incarnation };
    try {
      const expected = view.fences.get(fence.partition)?.seq ?? 0;
      const write = (over: number): Promise<number> => store.write([fenceMessage(fence, over)]);
      const seq = await write(expected).catch((error: unknown) => write(otherSequence(error)));
      if (!(await view.reachedWithin(seq, reachTimeoutMs))) throw new Error('The stream is not read');
      if (view.fences.get(fence.partition)?.seq !== seq) throw new Error('Another server was next');
      this.fence = seq;
      this.state = 'owner';
      metrics.takeovers.inc();
      this.log.log({ event: 'partition.owned', partition: fence.partition, fence: seq });
      pools.release(this.inCommit);
      this.inCommit.clear();
      this.run();
    } catch (error) {
      this.stepDown('partition.not-taken', error);
    }
  }

  /** Whether there is something to own it for. */
  get hasWork(): boolean {
    const { bucket } = this.partition;
    return bucket.size > 0 || this.inCommit.size > 0;
  }

  /** The stream shows a fence that is newer than this server's. */
  lose(seq: number): void {
    if (this.state === 'owner' && seq > this.fence && !this.running) this.stepDown('partition.fenced');
  }

  /** Matches what can be matched; once more when something came meanwhile. */
  run(): void {
    this.isDirty = true;
    if (this.state !== 'owner' || this.running) return;
    this.running = this.work()
      .catch((error: unknown) => this.stepDown('partition.failed', error))
      .finally(() => (this.running = undefined));
  }

  /** Gives the partition up after the batch that is on its way. */
  async release(): Promise<void> {
    if (this.state === 'owner') this.state = 'away';
    await this.running;
  }

  /** A burst of arrivals is one pass, as it begins with a later turn. */
  private async work(): Promise<void> {
    const { turns } = this.context;
    while (this.isDirty && this.state === 'owner') {
      const slice = await turns.take('pass');
      if (this.state !== 'owner') return;
      this.isDirty = false;
      const mayGoOn = (): boolean => slice.mayGoOn() || !(this.isDirty = true);
      const formed = this.partition.bucket.match(this.context.store.clock.now(), mayGoOn);
      for (const match of formed) this.mark(idsOf(match));
      slice.end();
      if (formed.length > 0) await this.writeAll(formed);
      this.failures = 0;
    }
  }

  private async writeAll(formed: FormedMatch[]): Promise<void> {
    const planned: PlannedMatch[] = [];
    await this.context.turns.through('plan', this.plan(formed, planned));
    for (const batch of intoBatches(planned, this.batchMessages)) {
      if (this.state === 'owner') await this.write(batch);
      else this.putBack(batch);
    }
  }

  private *plan(formed: FormedMatch[], planned: PlannedMatch[]): Generator<void, void> {
    const { view, version, allocateWithinMs } = this.context;
    const { name: partition, mode } = this.partition;
    for (const match of formed) {
      const context = {
        view,
        mode,
        partition,
        version,
        allocateWithinMs,
        now: this.context.store.clock.now(),
      };
      const plan = isBackfill(match) ? planBackfill(match, context) : planMatch(match, context);
      if (plan) planned.push(plan);
      else this.putBack([{ ids: idsOf(match) }]);
      yield;
    }
  }

  private async write(batch: PlannedMatch[]): Promise<void> {
    const { store, turns, serverId, incarnation, onWritten } = this.context;
    const fence = fenceMessage({ partition: this.partition.name, serverId, incarnation }, this.fence);
    try {
      const first = await store.write([fence, ...batch.flatMap(({ messages }) => messages)]);
      this.fence = first;
      this.batchMessages = Math.min(mostMessages, this.batchMessages * 2);
      for (const { ids } of batch) for (const id of ids) this.inCommit.delete(id);
      this.askOn(batch, first);
      this.count(batch);
      await turns.through('tell', steps(placesOf(batch, first), onWritten));
    } catch (error) {
      if (isRefused(error)) await this.refused(batch, error);
      // Stored or not: taking the fence anew, behind whatever was stored, tells.
      else this.stepDown('partition.uncertain', error);
    }
  }

  /** A ticket was cancelled, or the fence is another's: what the stream shows next says which. */
  private async refused(batch: PlannedMatch[], error: unknown): Promise<void> {
    const { view } = this.context;
    const other = sequenceIn(error) ?? 0;
    const isSeen = other > 0 && (await view.reachedWithin(other, reachTimeoutMs));
    if (!isSeen || view.fences.get(this.partition.name)?.seq !== this.fence) {
      this.stepDown('partition.fenced', error);
      return;
    }
    this.batchMessages = Math.max(fewestMessages, Math.floor(this.batchMessages / 2));
    this.putBack(batch);
    this.isDirty = true;
  }

  /** Running matches that got players may want more: what the stream says of them then counts. */
  private askOn(batch: PlannedMatch[], first: number): void {
    const { view, pools } = this.context;
    const running = batch.flatMap(({ record }) => record.joins ?? []);
    if (running.length === 0) return;
    const last = batch.reduce((seq, { messages }) => seq + messages.length, first);
    void view.reached(last).then(() => pools.release(running));
  }

  private count(batch: PlannedMatch[]): void {
    for (const { record, waits } of batch) {
      metrics.matches.inc({ mode: record.mode });
      for (const ms of waits) metrics.waits.observe({ mode: record.mode }, ms / 1000);
    }
  }

  private mark(ids: string[]): void {
    for (const id of ids) {
      this.inCommit.add(id);
      this.context.pools.committing.add(id);
    }
  }

  private putBack(batch: Pick<PlannedMatch, 'ids'>[]): void {
    for (const { ids } of batch) {
      for (const id of ids) this.inCommit.delete(id);
      this.context.pools.release(ids);
    }
  }

  private stepDown(event: string, error?: unknown): void {
    this.state = 'away';
    metrics.stepDowns.inc({ reason: event });
    this.failures = event === 'partition.failed' ? this.failures + 1 : 0;
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** this.failures);
    this.retryAt = performance.now() + pauseMs * (1 + Math.random());
    const reason = error instanceof Error ? error.message : undefined;
    this.log.warn({ event, partition: this.partition.name, fence: this.fence, reason });
  }
}

const isBackfill = (match: FormedMatch): match is FormedMatch & { backfill: BackfillRequest } =>
  match.backfill !== undefined;

function idsOf({ teams, backfill }: FormedMatch): string[] {
  const ticketIds = teams.flat().map(({ ticketId }) => ticketId);
  return backfill ? [...ticketIds, backfill.matchId] : ticketIds;
}

/** "wrong last sequence: 17": what stands there. */
function sequenceIn(error: unknown): number | undefined {
  const found = isRefused(error) && error instanceof NotStored && /: (\d+)$/.exec(error.message)?.[1];
  return found ? Number(found) : undefined;
}

/** @throws the error when it doesn't say what stands there */
function otherSequence(error: unknown): number {
  const found = sequenceIn(error);
  if (found === undefined) throw error;
  return found;
}

/** Where each match's record stands: the fence is first, a match's record is its last message. */
function placesOf(batch: PlannedMatch[], first: number): Stored<MatchRecord>[] {
  let seq = first;
  return batch.map(({ record, messages }) => ({ record, seq: (seq += messages.length) }));
}
