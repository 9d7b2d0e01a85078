import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { MatchRecord } from '#contracts';
import { NotStored } from '#sessions';
import type { BackfillRequest, FormedMatch } from '../pool/ticket.js';
import { fenceMessage } from '../store/messages.js';
import { metrics } from '../metrics.js';
import { isRefused, type Stored, type TicketStore } from '../store/ticket-store.js';
import type { MatchView } from '../view/match-view.js';
import type { Partition, Pools } from '../view/pools.js';
import { planBackfill } from './plan-backfill.js';
import { intoBatches, planMatch, type PlannedMatch } from './plan-commit.js';

export interface OwnerContext {
  store: TicketStore;
  view: MatchView;
  pools: Pools;
  serverId: string;
  incarnation: string;
  version: string;
  allocateWithinMs?: number;
  /** Takes matches that are written. */
  onWritten: (matches: Stored<MatchRecord>[]) => void;
}

/** The event loop gets its turn after this, ms: joins never wait for a pass longer. */
const sliceMs = 8;
/** Small enough that a refusal costs little, large enough that many matches share a round trip. A batch may have 1,000. */
const mostMessages = 400;
const fewestMessages = 8;
const reachTimeoutMs = 5_000;

/**
 * One partition, as long as this server may own it. Its fence's sequence in the stream goes with every batch, so that the
 * storage itself refuses an owner who was replaced.
 */
export class PartitionOwner {
  state: 'away' | 'taking' | 'owner' = 'away';
  /** Not again before this, epoch ms: somebody else won, or NATS is away. */
  retryAt = 0;
  private readonly log = new Logger('matching');
  private fence = 0;
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
    // A burst of arrivals is one pass.
    this.running = nextTurn()
      .then(() => this.work())
      .catch((error: unknown) => this.stepDown('partition.failed', error))
      .finally(() => (this.running = undefined));
  }

  /** Gives the partition up after the batch that is on its way. */
  async release(): Promise<void> {
    if (this.state === 'owner') this.state = 'away';
    await this.running;
  }

  private async work(): Promise<void> {
    while (this.isDirty && this.state === 'owner') {
      this.isDirty = false;
      const startedAt = performance.now();
      const end = startedAt + sliceMs;
      const mayGoOn = (): boolean => performance.now() < end || !(this.isDirty = true);
      const formed = this.partition.bucket.match(Date.now(), mayGoOn);
      metrics.passSeconds.observe((performance.now() - startedAt) / 1000);
      if (formed.length > 0) await this.writeAll(formed);
      else if (this.isDirty) await nextTurn();
    }
  }

  private async writeAll(formed: FormedMatch[]): Promise<void> {
    const { view, version, allocateWithinMs } = this.context;
    const { name: partition, mode } = this.partition;
    const planned: PlannedMatch[] = [];
    for (const match of formed) this.mark(idsOf(match));
    let end = performance.now() + sliceMs;
    for (const match of formed) {
      if (performance.now() > end) {
        await nextTurn();
        end = performance.now() + sliceMs;
      }
      const context = { view, mode, partition, version, allocateWithinMs, now: Date.now() };
      const plan = isBackfill(match) ? planBackfill(match, context) : planMatch(match, context);
      if (plan) planned.push(plan);
      else this.putBack([{ ids: idsOf(match) }]);
    }
    for (const batch of intoBatches(planned, this.batchMessages)) {
      if (this.state === 'owner') await this.write(batch);
      else this.putBack(batch);
    }
  }

  private async write(batch: PlannedMatch[]): Promise<void> {
    const { store, serverId, incarnation, onWritten } = this.context;
    const fence = fenceMessage({ partition: this.partition.name, serverId, incarnation }, this.fence);
    try {
      const first = await store.write([fence, ...batch.flatMap(({ messages }) => messages)]);
      this.fence = first;
      this.batchMessages = Math.min(mostMessages, this.batchMessages * 2);
      for (const { ids } of batch) for (const id of ids) this.inCommit.delete(id);
      this.askOn(batch, first);
      this.count(batch);
      onWritten(placesOf(batch, first));
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
    this.retryAt = Date.now() + 250 + Math.random() * 250;
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
