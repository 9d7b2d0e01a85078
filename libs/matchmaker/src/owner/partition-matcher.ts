import { splitBySize } from '@ccgame/jetstream';
import { CommitConflict, FencedPartition, PartitionLost, tellingConflicts } from '@ccgame/ownership';
import type { MatchRecord } from '../contracts/matches.js';
import { metrics } from '../metrics.js';
import type { BackfillRequest, FormedMatch } from '../pool/ticket.js';
import { fenceMessage } from '../store/messages.js';
import type { Stored, TicketStore } from '../store/ticket-store.js';
import type { MatchView } from '../view/match-view.js';
import type { Partition, PartitionPools } from '../view/partition-pools.js';
import { steps, type WorkScheduler } from '../work-scheduler.js';
import { planBackfill } from './plan-backfill.js';
import { planMatch, type PlannedMatch } from './plan-commit.js';

/** The things that the owner of a partition matches with. */
export interface MatcherContext {
  store: TicketStore;
  view: MatchView;
  pools: PartitionPools;
  scheduler: WorkScheduler;
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

/** Matches the tickets of one partition, as long as this server owns it. */
export class PartitionMatcher {
  readonly fenced: FencedPartition;
  private running?: Promise<void>;
  private isDirty = false;
  private batchMessages = mostMessages;

  constructor(
    readonly partition: Partition,
    private readonly context: MatcherContext,
  ) {
    const { store, view, serverId, incarnation } = context;
    this.fenced = new FencedPartition(
      partition.name,
      {
        write: (messages) => tellingConflicts(store.writeBatch(messages)),
        fenceMessage: (name, expected) => fenceMessage({ partition: name, serverId, incarnation }, expected),
        fenceOf: (name) => view.fences.get(name)?.seq ?? 0,
        reachedWithin: (sequence, timeoutMs) => view.reachedWithin(sequence, timeoutMs),
      },
      { onOwned: () => this.owned(), onLost: (reason) => metrics.stepDowns.inc({ reason }) },
    );
  }

  /**
   * Whether there is something to own it for: a fence is stored for each partition that was owned, and of those in which players wait alone
   * there may be as many as players think of values.
   */
  get hasWork(): boolean {
    return this.partition.pool.mayForm || this.context.pools.isCommitting(this.partition.name);
  }

  /** Matches what can be matched; once more when something came meanwhile. */
  requestPass(): void {
    this.isDirty = true;
    if (this.fenced.state !== 'owner' || this.running) return;
    this.running = this.runPasses()
      .catch((error: unknown) => this.fenced.fail(error))
      .finally(() => (this.running = undefined));
  }

  /** Gives the partition up after the batch that is on its way. */
  async release(): Promise<void> {
    await this.fenced.release();
    await this.running;
  }

  private owned(): void {
    metrics.takeovers.inc();
    this.context.pools.putBackAllOf(this.partition.name);
    this.requestPass();
  }

  /** A burst of arrivals is one pass, as it begins with a later turn. */
  private async runPasses(): Promise<void> {
    const { scheduler } = this.context;
    while (this.isDirty && this.fenced.state === 'owner') {
      const slice = await scheduler.nextSlice('pass');
      if (this.fenced.state !== 'owner') return;
      this.isDirty = false;
      const mayGoOn = (): boolean => slice.mayGoOn() || !(this.isDirty = true);
      const formed = this.partition.pool.formMatches(this.context.store.clock.now(), mayGoOn);
      this.context.pools.beginCommit(this.partition.name, formed.flatMap(idsOf));
      slice.end();
      if (formed.length > 0) await this.commitAll(formed);
    }
  }

  private async commitAll(formed: FormedMatch[]): Promise<void> {
    const planned: PlannedMatch[] = [];
    await this.context.scheduler.runInSlices('plan', this.planEach(formed, planned));
    // The fence is a message of the batch, too.
    for (const batch of splitBySize(planned, this.batchMessages - 1, ({ messages }) => messages.length)) {
      if (this.fenced.state === 'owner') await this.commit(batch);
      else this.putBack(batch);
    }
  }

  private *planEach(formed: FormedMatch[], planned: PlannedMatch[]): Generator<void, void> {
    const { store, view, version, allocateWithinMs } = this.context;
    const { name: partition, mode } = this.partition;
    for (const match of formed) {
      const context = { view, mode, partition, version, allocateWithinMs, now: store.clock.now() };
      const plan = isBackfill(match) ? planBackfill(match, context) : planMatch(match, context);
      if (plan) planned.push(plan);
      else this.putBack([{ ids: idsOf(match) }]);
      yield;
    }
  }

  private async commit(batch: PlannedMatch[]): Promise<void> {
    const { scheduler, onWritten } = this.context;
    try {
      const first = await this.fenced.commit(batch.flatMap(({ messages }) => messages));
      this.batchMessages = Math.min(mostMessages, this.batchMessages * 2);
      this.askForMore(batch, first);
      this.countMatches(batch);
      await scheduler.runInSlices('tell', steps(placesOf(batch, first), onWritten));
    } catch (error) {
      // Tickets of a lost batch stay in commit until the partition is owned again, here or elsewhere.
      if (error instanceof PartitionLost) return;
      if (!(error instanceof CommitConflict)) throw error;
      // A ticket was cancelled.
      this.batchMessages = Math.max(fewestMessages, Math.floor(this.batchMessages / 2));
      this.putBack(batch);
      this.isDirty = true;
    }
  }

  /** Running matches that got players may want more: what the stream says of them then counts. */
  private askForMore(batch: PlannedMatch[], first: number): void {
    const { view, pools } = this.context;
    const running = batch.flatMap(({ record }) => record.backfillOf ?? []);
    if (running.length === 0) return;
    const last = batch.reduce((seq, { messages }) => seq + messages.length, first);
    void view.whenRead(last).then(() => pools.putBack(running));
  }

  private countMatches(batch: PlannedMatch[]): void {
    for (const { record, waits } of batch) {
      metrics.matches.inc({ mode: record.mode });
      for (const ms of waits) metrics.waits.observe({ mode: record.mode }, ms / 1000);
    }
  }

  private putBack(batch: Pick<PlannedMatch, 'ids'>[]): void {
    this.context.pools.putBack(batch.flatMap(({ ids }) => ids));
  }
}

const isBackfill = (match: FormedMatch): match is FormedMatch & { backfill: BackfillRequest } =>
  match.backfill !== undefined;

function idsOf({ teams, backfill }: FormedMatch): string[] {
  const ticketIds = teams.flat().map(({ ticketId }) => ticketId);
  return backfill ? [...ticketIds, backfill.matchId] : ticketIds;
}

/** Where each match's record stands: the fence is first, a match's record is its last message. */
function placesOf(batch: PlannedMatch[], first: number): Stored<MatchRecord>[] {
  let seq = first;
  return batch.map(({ record, messages }) => ({ record, seq: (seq += messages.length) }));
}
