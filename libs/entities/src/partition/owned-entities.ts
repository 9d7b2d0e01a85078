import { randomBytes, randomInt } from 'node:crypto';
import type { FencedPartition } from '@ccgame/ownership';
import { NotRead } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import type { BuiltIn, InputKind } from '../contract/entity-contract.js';
import { EntityErrors } from '../errors.js';
import { dataOf } from '../live/data-of.js';
import type { StoredInput } from '../live/records.js';
import { metrics } from '../metrics.js';
import { Flusher } from './flusher.js';
import { type EntityKind, HeldEntity } from './held-entity.js';
import { LogRing } from './log-ring.js';
import type { OutputSender } from './output-sender.js';
import type { PartitionStore } from './partition-store.js';
import { PendingInput } from './pending-input.js';
import { restorePartition } from './restore-partition.js';
import { RoomTicker } from './room-ticker.js';

/** One call to an entity. */
export interface EntityRequest extends Pick<StoredInput, 'p' | 'c'> {
  entity: string;
  id: string;
  /** The method, or the engine's own. */
  method: string;
  builtIn?: BuiltIn;
  payload: unknown;
  input: InputKind;
}

export interface OwnedContext {
  kinds: ReadonlyMap<string, EntityKind>;
  store: PartitionStore;
  fenced: FencedPartition;
  outputs: OutputSender;
  now: () => number;
  onLost: () => void;
}

const housekeepingMs = 100;
/** An owner who wasn't heard of for 2 s may have been replaced; before that it asks the storage. */
const confirmedForMs = 1_500;
const confirmEveryMs = 700;
/** Of one input as JSON. */
const mostInputBytes = 256 * 1024;
/** What may wait for the storage, bytes of a partition. */
const mostPendingBytes = 3 * 1024 * 1024;

/** The entities of a partition in memory, from the moment when this server owns it until it doesn't. */
export class OwnedEntities {
  readonly ready: Promise<void>;
  private readonly held = new Map<string, HeldEntity>();
  private readonly loading = new Map<string, Promise<HeldEntity | undefined>>();
  private readonly tickers = new Map<string, RoomTicker>();
  private readonly flusher: Flusher;
  private readonly timer: NodeJS.Timeout;
  private isRestored = false;
  private isClosing = false;
  private isOver = false;

  constructor(private readonly context: OwnedContext) {
    const { store, fenced, outputs, onLost } = context;
    const { image } = store;
    this.flusher = new Flusher({
      fenced,
      ring: LogRing.fromLog(image.log),
      subjects: store.subjects,
      held: this.held,
      onStored: (held) => {
        outputs.sendOf(held);
        if (!held.live.isBorn) this.unload(held);
      },
      onLost,
    });
    this.ready = this.restore();
    this.timer = setInterval(() => this.keepHouse(), housekeepingMs);
  }

  /** @throws RpcError what the handler throws; MOVED, GONE, BUSY, NO_ENTITY, ENTITY_EXISTS, ENTITY_STOPPED, STATE_TOO_LARGE */
  async receive(request: EntityRequest): Promise<unknown> {
    if (!this.isRestored) await this.ready;
    const key = `${request.entity}.${request.id}`;
    const held = await this.find(key);
    held.usedAt = performance.now();
    if (request.input !== 'stored') return this.receiveUnstored(held, request);
    const known = held.live.answerTo(request);
    if (known) {
      await held.lastStored;
      return dataOf(known);
    }
    try {
      const pending = this.applyInput(held, request);
      await pending.stored;
      return dataOf(pending.answer);
    } finally {
      if (!held.live.isBorn) this.unload(held);
    }
  }

  /** Ends the ticks, and stores all that there is: the next owner goes on from there. */
  async finish(): Promise<void> {
    await this.ready;
    this.isClosing = true;
    this.stopTickers();
    await this.flusher.finish(true);
  }

  /** Memory doesn't count any more. */
  discard(): void {
    this.isOver = true;
    clearInterval(this.timer);
    this.stopTickers();
    this.flusher.discard();
    this.context.outputs.close();
    for (const { kind } of this.held.values()) metrics.live.dec({ entity: kind.mark.contract.name });
    this.held.clear();
  }

  private async restore(): Promise<void> {
    const since = performance.now();
    await restorePartition(this.context.store.image, (key) => this.load(key));
    metrics.recovery.observe((performance.now() - since) / 1_000);
    this.isRestored = true;
    this.context.store.forgetImage();
    if (this.isOver) return;
    for (const held of this.held.values()) {
      this.context.outputs.sendOf(held);
      this.startTicker(held);
    }
    this.flusher.request();
  }

  private async receiveUnstored(held: HeldEntity, request: EntityRequest): Promise<unknown> {
    const { method, payload, p, input } = request;
    if (!this.isConfirmed()) await this.flusher.finish(false);
    if (this.isOver) throw new RpcError('MOVED');
    if (!held.live.isBorn) this.unload(held);
    this.assertUsable(held);
    const answer = held.live.applyUnstored(method, payload, { playerId: p }, input === 'query');
    if (input === 'query') await held.lastStored;
    else held.markDirty();
    return dataOf(answer);
  }

  private applyInput(held: HeldEntity, request: EntityRequest): PendingInput {
    if (this.flusher.bytes > mostPendingBytes) throw new RpcError('BUSY', { retryAfterMs: 100 });
    const { mark } = held.kind;
    const { method: h, builtIn: b, payload: d, p, c } = request;
    if (b === 'create') {
      if (held.live.isBorn) throw EntityErrors.ENTITY_EXISTS();
      return this.addBirth(held, JSON.parse(d as string) as unknown, c);
    }
    if (!held.live.isBorn && mark.createOnCall) this.addBirth(held, undefined, undefined);
    this.assertUsable(held);
    const k = mark.tickHz && held.live.tick;
    return this.addInput(held, { n: held.live.n + 1, h, b, d, at: this.context.now(), k, p, c });
  }

  /** Numbers go on from the time: another life under the same id never had them. */
  private addBirth(held: HeldEntity, init: unknown, c: StoredInput['c']): PendingInput {
    const at = this.context.now();
    const n = Math.max(held.live.n + 1, at);
    const birth = randomBytes(9).toString('hex');
    const pending = this.addInput(held, {
      n,
      h: '',
      b: 'create',
      d: init,
      at,
      c,
      seed: randomInt(2 ** 32 - 1),
      birth,
    });
    this.startTicker(held);
    return pending;
  }

  private addInput(held: HeldEntity, input: StoredInput): PendingInput {
    // Before it is applied: the handler may keep the payload, and change it.
    const json = JSON.stringify(input);
    if (json.length > mostInputBytes) throw new RpcError('TOO_LARGE', { details: { limit: mostInputBytes } });
    const pending = new PendingInput(held, input, json, held.live.apply(input));
    held.markDirty();
    metrics.inputs.inc({ entity: held.kind.mark.contract.name });
    this.flusher.add(pending);
    return pending;
  }

  private assertUsable(held: HeldEntity): void {
    if (held.isStopped) throw EntityErrors.ENTITY_STOPPED();
    if (!held.live.isBorn) throw EntityErrors.NO_ENTITY();
  }

  /** Another call may have had it leave memory while this one waited. */
  private async find(key: string): Promise<HeldEntity> {
    for (;;) {
      const held = this.held.get(key) ?? (await this.load(key).catch(refuseUnread));
      if (this.isOver || this.isClosing) throw new RpcError('MOVED');
      if (!held) throw EntityErrors.NO_ENTITY();
      if (this.held.get(key) === held) return held;
    }
  }

  private load(key: string): Promise<HeldEntity | undefined> {
    let loading = this.loading.get(key);
    if (!loading) {
      loading = this.loadNow(key).finally(() => this.loading.delete(key));
      this.loading.set(key, loading);
    }
    return loading;
  }

  private async loadNow(key: string): Promise<HeldEntity | undefined> {
    const { kinds, store, fenced, outputs } = this.context;
    const dot = key.indexOf('.');
    const kind = kinds.get(key.slice(0, dot));
    if (!kind) return undefined;
    const isRoom = kind.mark.tickHz !== undefined;
    const stored =
      isRoom && !this.isRestored
        ? (store.image.states.get(key) ?? { seq: 0 })
        : await store.readState(key, isRoom, fenced.fenceSequence);
    const instance = await kind.construct();
    const held = new HeldEntity(key, key.slice(dot + 1), kind, instance, stored, (to, route, data) =>
      // What is played again was sent when it happened.
      this.isRestored ? outputs.sendVolatile(to, route, data) : undefined,
    );
    if (!this.isOver) {
      this.held.set(key, held);
      metrics.live.inc({ entity: kind.mark.contract.name });
    }
    return held;
  }

  private startTicker(held: HeldEntity): void {
    if (!held.isRoom || this.tickers.has(held.key) || this.isOver) return;
    const ticker = new RoomTicker(held, {
      mayTick: () => this.isConfirmed(),
      onOutput: () => {
        const { n, tick: k } = held.live;
        this.addInput(held, { n: n + 1, h: '', b: 'tick', at: this.context.now(), k });
      },
    });
    this.tickers.set(held.key, ticker);
  }

  private stopTickers(): void {
    for (const ticker of this.tickers.values()) ticker.stop();
    this.tickers.clear();
  }

  private isConfirmed(): boolean {
    return performance.now() - this.flusher.confirmedAt < confirmedForMs;
  }

  private keepHouse(): void {
    if (!this.isRestored || this.isOver) return;
    const now = performance.now();
    let isWanted = this.tickers.size > 0 && now - this.flusher.confirmedAt > confirmEveryMs;
    for (const held of this.held.values()) {
      const { mark } = held.kind;
      if (held.dirtySince !== undefined) isWanted ||= now - held.dirtySince >= mark.checkpointMs;
      else if (now - held.usedAt > mark.idleMs && !(held.isRoom && held.live.isBorn)) this.unload(held);
    }
    if (isWanted) this.flusher.request();
  }

  /** Its stored state has all of it. */
  private unload(held: HeldEntity): void {
    const isAhead = held.dirtySince !== undefined || held.unstored > 0;
    if (this.held.get(held.key) !== held || isAhead) return;
    this.tickers.get(held.key)?.stop();
    this.tickers.delete(held.key);
    this.held.delete(held.key);
    metrics.live.dec({ entity: held.kind.mark.contract.name });
  }
}

/** NATS is away for a moment: the call may be sent again. */
function refuseUnread(error: unknown): never {
  throw error instanceof NotRead ? new RpcError('NO_SERVER', { cause: error }) : error;
}
