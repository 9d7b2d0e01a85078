import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type BucketEntry, isAway, type KeyValueBucket, parseJson, untilWritten } from '@ccgame/jetstream';
import { type NatsHealth, noteRetry } from '@ccgame/nats';
import { rpcContext } from '@ccgame/rpc';
import { recordOf } from './session-record.js';

/** Once in this time it is renewed, and the others' are looked at, ms. */
const turnEveryMs = 15_000;
/** A lease that stands still for so many looks is of a connector that has died, or hangs as if it had. */
const looksToEnd = 6;
/** Where no connector ever comes back, nobody ends it. */
const leaseSeconds = 86_400;
/** NATS keeps the mark that something ended for so long. */
const markSeconds = 60;
const endedAtOnce = 100;

/** As the bucket has it. */
interface LeaseRecord {
  serverId: string;
  /** The lease whose connector ends its sessions. */
  endedBy?: string;
}

const keyOf = (id: string): string => `lease.${id}`;

/**
 * A connector's sessions last as long as it renews its lease, which stands in the bucket of their records: one write for all of them.
 * Connectors end the sessions of one whose lease stands still. No clocks are compared: each counts its own looks.
 */
export class ConnectorLease {
  /** Told when another connector took this one for dead, or the bucket was lost: its records name a lease that is over. */
  onLost: () => void = () => {};
  private readonly log = new Logger('sessions');
  private currentId = newId();
  /** The last write's; 0: there was none. */
  private revision = 0;
  /** The others', and for how many looks each stood still. */
  private readonly others = new Map<string, { revision: number; looks: number }>();
  private timer?: NodeJS.Timeout;
  /** The turn that is at work. */
  private turn?: Promise<unknown>;
  private isEnding = false;
  private unwatch?: () => void;

  constructor(
    private readonly serverId: string,
    private readonly bucket: KeyValueBucket,
  ) {}

  /** Records of sessions name it. */
  get id(): string {
    return this.currentId;
  }

  async startRenewing(health: NatsHealth): Promise<void> {
    this.unwatch = health.onChange((connected) => connected && void this.inTurn(() => this.renew()));
    this.timer = rpcContext.runOutside(() => setInterval(() => void this.takeTurn(), turnEveryMs));
    await this.takeTurn();
  }

  /** Renews it, looks at the others, and ends those that stood still for long. */
  async takeTurn(): Promise<void> {
    // A connector that can't write now doesn't judge others: they can't either, perhaps.
    const dead = await this.inTurn(async () => ((await this.renew()) ? this.lookAtOthers() : []));
    if (!dead?.length || this.isEnding) return;
    // It may take longer than this connector's own lease lasts.
    this.isEnding = true;
    await this.endSessions(dead).catch((error: unknown) => noteRetry('connector-lease', error));
    this.isEnding = false;
  }

  /** No session is held any more: nobody has to look for them. */
  async endLease(): Promise<void> {
    this.close();
    await this.turn;
    await this.inTurn(() => this.bucket.compareAndSet(keyOf(this.id), '', this.revision, markSeconds));
  }

  close(): void {
    clearInterval(this.timer);
    this.unwatch?.();
  }

  /** Undefined where another turn is at work, or this one failed. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.turn) return undefined;
    const turn = work().catch((error: unknown) => void noteRetry('connector-lease', error));
    this.turn = turn;
    const result = await turn;
    this.turn = undefined;
    return result;
  }

  /** False: nobody knows yet, or it was lost. */
  private async renew(): Promise<boolean> {
    const key = keyOf(this.id);
    const value = JSON.stringify({ serverId: this.serverId } satisfies LeaseRecord);
    const revision = await this.bucket.compareAndSet(key, value, this.revision, leaseSeconds);
    if (revision !== undefined) {
      this.revision = revision;
      return true;
    }
    const entry = await this.bucket.get(key);
    if (entry?.value === value) {
      // An answer was lost, a replica is behind, or NATS lost its last writes.
      this.revision = entry.revision;
      return false;
    }
    const id = newId();
    const first = await this.bucket.compareAndSet(keyOf(id), value, 0, leaseSeconds);
    if (first === undefined) return false;
    this.currentId = id;
    this.revision = first;
    this.log.warn({ event: 'session.lease.lost' });
    this.onLost();
    return true;
  }

  /** Those that stood still for long. */
  private async lookAtOthers(): Promise<BucketEntry[]> {
    const found = await this.bucket.list('lease.*', (entry) => entry);
    const dead: BucketEntry[] = [];
    const known = new Set<string>();
    for (const entry of found) {
      if (entry.key === keyOf(this.id)) continue;
      known.add(entry.key);
      const before = this.others.get(entry.key);
      const looks = before?.revision === entry.revision ? before.looks + 1 : 1;
      this.others.set(entry.key, { revision: entry.revision, looks });
      if (looks >= looksToEnd) dead.push(entry);
    }
    for (const key of this.others.keys()) if (!known.has(key)) this.others.delete(key);
    return dead;
  }

  /** Where it fails midway, the leases stand still once more, and are ended again. @throws NotRead, NotStored */
  private async endSessions(dead: BucketEntry[]): Promise<void> {
    const marked = new Map<string, number>();
    for (const entry of dead) {
      const revision = await this.markLease(entry);
      if (revision !== undefined) marked.set(entry.key, revision);
    }
    if (marked.size === 0) return;
    const leases = new Set(marked.keys());
    const left = await this.bucket.list('*', (entry) => (isHeldUnder(leases, entry) ? entry : undefined));
    for (let from = 0; from < left.length; from += endedAtOnce)
      await Promise.all(left.slice(from, from + endedAtOnce).map((entry) => this.endSession(leases, entry)));
    for (const [key, revision] of marked) await this.bucket.compareAndSet(key, '', revision, markSeconds);
    this.log.warn({ event: 'session.lease.ended', leases: [...leases], sessions: left.length });
  }

  /** Undefined: another connector does it, or its own lives; or another program gave it a name that no lease has. */
  private async markLease({ key, value, revision }: BucketEntry): Promise<number | undefined> {
    const marked = JSON.stringify({ ...parseJson<LeaseRecord>(value), endedBy: this.id });
    try {
      return await this.bucket.compareAndSet(key, marked, revision, leaseSeconds);
    } catch (error) {
      if (isAway(error)) throw error;
      return void noteRetry('connector-lease', error);
    }
  }

  /** Its values may be written meanwhile, and its player may be at another connector. @throws NotRead, NotStored, RpcError BUSY */
  private async endSession(leases: ReadonlySet<string>, listed: BucketEntry): Promise<void> {
    let entry: BucketEntry | undefined = listed;
    await untilWritten(async () => {
      if (!entry || !isHeldUnder(leases, entry)) return true;
      const { key, revision } = entry;
      if ((await this.bucket.compareAndSet(key, '', revision, markSeconds)) !== undefined) return true;
      entry = await this.bucket.get(key);
      return false;
    });
  }
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}

function isHeldUnder(leases: ReadonlySet<string>, entry: BucketEntry): boolean {
  const record = recordOf(entry);
  return record?.isConnected === true && record.lease !== undefined && leases.has(keyOf(record.lease));
}
