import type { FencedPartition } from '@ccgame/ownership';
import { RpcError, rpcContext } from '@ccgame/rpc';
import { metrics } from '../metrics.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { commitBatch, noteCommitted } from './commit-batch.js';
import type { StoredCheckpoint } from './entity-store.js';
import { LastStates, type Measures } from './last-states.js';
import { type FlushRounds, fullAt } from './flush-rounds.js';
import type { LogRing } from './log-ring.js';
import type { PartitionSubjects } from './partition-subjects.js';
import type { PendingInput } from './pending-input.js';
import { measureHeld, measureInputs } from './measure-held.js';
import { type PlannedBatch, type PlannedState, planFlush } from './plan-flush.js';

/** A push log that takes nothing keeps a state from being the last one for so long, ms. */
const finishWithinMs = 2_000;
/** An owner who wasn't heard of for 2 s may have been replaced; before that it asks the storage. */
const confirmedForMs = 1_500;
/** Where there are no rooms, so often at most all entities in memory are looked through for states that are due, ms. */
const lookEveryMs = 20;

export interface FlusherContext {
  fenced: FencedPartition;
  ring: LogRing;
  subjects: PartitionSubjects;
  rounds: FlushRounds;
  readStored: (held: HeldEntity) => Promise<StoredCheckpoint>;
  held: ReadonlyMap<string, HeldEntity>;
  /** A room that is stopped is stored with the next batch. */
  hasRooms: boolean;
  /** Its state is stored by now, or its inputs are, up to the n-th: what waited for that may leave. */
  onStored: (held: HeldEntity, n: number) => void;
  /** The partition is another's by now. */
  onLost: () => void;
}

/** Group commit: stores what all entities of a partition did meanwhile in one batch, over and over. */
export class Flusher {
  /** When the last batch that was stored was begun, by `performance.now()`: until then this server was the owner. */
  confirmedAt = performance.now();
  private pending: PendingInput[] = [];
  private inFlight: PendingInput[] = [];
  private pendingBytes = 0;
  private flushing?: Promise<void>;
  private isWanted = false;
  /** More is to be stored than inputs that may wait. */
  private isHurried = false;
  private isForced = false;
  private isOver = false;
  private looksAgainAt = 0;
  private readonly last = new LastStates();

  constructor(private readonly context: FlusherContext) {}

  /** Whether no other server can be the owner yet. */
  get isConfirmed(): boolean {
    return performance.now() - this.confirmedAt < confirmedForMs;
  }

  /** Asks the storage, where this server may have been replaced unseen. */
  async confirmOwner(): Promise<void> {
    if (!this.isConfirmed) await this.finish(false);
  }

  get bytes(): number {
    return this.pendingBytes;
  }

  add(input: PendingInput): void {
    this.pending.push(input);
    this.pendingBytes += input.bytes;
    // Full while it waits, the partition gains nothing by others.
    this.request(input.mayWait && this.pending.length !== fullAt);
  }

  /** Stores what there is to store, soon. @param mayWait for more, see {@link PendingInput.mayWait} */
  request(mayWait = false): void {
    this.isWanted = true;
    this.isHurried ||= !mayWait;
    // The loop goes on for other calls than the one that began it.
    this.flushing ??= rpcContext
      .runOutside(() => this.flushAll())
      .finally(() => {
        this.flushing = undefined;
        if (this.isWanted && !this.isOver) this.request(!this.isHurried);
      });
    if (!mayWait) this.context.rounds.hurry();
  }

  /**
   * Resolves when everything up to now is stored, or the partition is lost.
   *
   * @param withStates also each state that changed
   * @returns false: not all of it
   */
  async finish(withStates: boolean): Promise<boolean> {
    this.isForced ||= withStates;
    const endsAt = performance.now() + finishWithinMs;
    do {
      this.request();
      await this.flushing;
    } while (!this.isOver && this.hasWork(withStates) && performance.now() < endsAt);
    return !this.isOver && !this.hasWork(withStates);
  }

  /**
   * Stores an entity as it is, and freezes it in the same moment.
   *
   * @param prepare is called when no input can be refused any more of which the state would have something
   * @returns false: it was stopped, or the partition is lost
   * @throws what `prepare` throws
   */
  storeLastState(held: HeldEntity, prepare = (): void => undefined): Promise<boolean> {
    held.markDirty();
    const stored = this.last.add(held, prepare);
    this.request();
    return stored;
  }

  /** Nothing more is stored. The callers are told: to ask the next owner, or that their call may have been stored. */
  discard(): void {
    this.isOver = true;
    this.last.drop(() => true);
    const moved = new RpcError('MOVED');
    const unsure = new RpcError('GONE', { message: 'The partition was lost while the input was stored' });
    for (const input of this.pending.splice(0)) input.lose(moved);
    for (const input of this.inFlight.splice(0)) input.lose(unsure);
  }

  /** The inputs of one turn of the event loop are one batch, and so are those that came while the last one was stored. */
  private async flushAll(): Promise<void> {
    const { rounds } = this.context;
    while (this.isWanted && !this.isOver) {
      // A state that is stored for the last time is of an entity that stands still until then.
      const isUrgent = this.isForced || this.last.all().length > 0;
      const inputs = isUrgent ? Infinity : this.pending.length;
      await rounds.flushInRound(() => this.flushWanted(), inputs, !this.isHurried);
    }
  }

  private async flushWanted(): Promise<void> {
    if (this.isOver) return;
    this.isWanted = false;
    this.isHurried = false;
    await this.flushOnce();
  }

  private async flushOnce(): Promise<void> {
    const inputs = this.pending;
    this.pending = [];
    this.pendingBytes = 0;
    this.inFlight = inputs;
    try {
      await this.storeInputs(inputs);
    } catch (error) {
      // A conflict without another owner: something else wrote there, so memory can't be trusted either.
      if (this.context.fenced.state === 'owner')
        this.context.fenced.fail(new Error('A batch of entities was refused', { cause: error }));
      this.context.onLost();
    }
  }

  /** @throws CommitConflict, PartitionLost */
  private async storeInputs(inputs: PendingInput[]): Promise<void> {
    const { held } = this.context;
    const { kept, measures } = measureInputs(inputs);
    this.inFlight = kept;
    this.last.prepareAll(measures);
    const last = new Set(this.last.all());
    const plan = planFlush(kept, measures, this.dueStates(), {
      ...this.context,
      find: (key) => held.get(key),
      measure: measureHeld,
    });
    const states = plan.flatMap((batch) => batch.states);
    for (const { held: stored } of states) {
      stored.dirtySince = undefined;
      stored.isStoring = true;
      stored.live.isTainted = false;
      stored.live.hasTaintedCall = false;
    }
    // In the trace of the first who waits for it, as nobody's batch is its own.
    const [{ context } = { context: rpcContext.get() }] = kept;
    for (const batch of plan) await rpcContext.run(context, () => this.storeBatch(batch));
    this.inFlight = [];
    for (const input of kept) input.settle();
    this.noteStored(states, measures, kept);
    for (const { held: stored } of states) if (last.has(stored)) this.last.settle(stored);
    this.isWanted ||= this.last.all().length > 0;
    metrics.flushes.inc();
  }

  private async storeBatch(batch: PlannedBatch): Promise<void> {
    const { logs, states } = batch;
    const { ring } = this.context;
    const begunAt = performance.now();
    const fence = await commitBatch(batch, this.context);
    this.confirmedAt = begunAt;
    logs.forEach((upTo, index) => ring.advance(fence + 1 + index, upTo));
    states.forEach(({ held, snapshot, stopped }, index) => {
      held.isStoring = false;
      held.isStopStored = stopped;
      held.claimedUntil = undefined;
      held.commitAs(snapshot.checkpoint);
      held.storedN = snapshot.n;
      held.storedAlarmAt = snapshot.alarmAt;
      held.storedSeq = fence + 1 + logs.length + index;
    });
  }

  /** All that an entity sends by then belongs to the first of its calls, if it had one. */
  private noteStored(states: readonly PlannedState[], measures: Measures, inputs: PendingInput[]): void {
    const { onStored } = this.context;
    const contexts = new Map(inputs.toReversed().map(({ held, context }) => [held, context]));
    noteCommitted(states, measures, inputs);
    for (const { held, snapshot } of states) if (!measures.has(held)) onStored(held, snapshot.n);
    for (const [held, { n }] of measures)
      rpcContext.run(contexts.get(held) ?? rpcContext.get(), () => onStored(held, n));
  }

  private hasWork(withStates: boolean): boolean {
    return this.pending.length > 0 || (withStates && this.dueStates().length > 0);
  }

  private dueStates(): HeldEntity[] {
    const now = performance.now();
    const isDue = (share: number) => {
      return ({ dirtySince, isStopped, isStopStored, dueAfterMs }: HeldEntity): boolean => {
        if (isStopped) return !isStopStored;
        if (dirtySince === undefined) return false;
        return this.isForced || now - dirtySince >= dueAfterMs * share;
      };
    };
    this.last.drop(({ isStopped }) => isStopped);
    const last = this.last.all();
    if (now < this.looksAgainAt && !this.isForced && !this.context.hasRooms) return last;
    const all = [...this.context.held.values()];
    // A batch costs NATS much more than what is in it: those that are due soon go with those that are.
    const due = all.some(isDue(1)) ? all.filter(isDue(0.5)) : [];
    // A flush takes one batch of those: the others go with the next one.
    if (due.length === 0) this.looksAgainAt = now + lookEveryMs;
    return [...last, ...due];
  }
}
