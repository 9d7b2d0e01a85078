import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type BucketEntry, type KeyValueBucket, parseJson } from '@ccgame/jetstream';
import { type NatsHealth, noteRetry } from '@ccgame/nats';
import { rpcContext } from '@ccgame/rpc';
import { recordOf } from './session-record.js';

/** Once in this time it is renewed, and the others' are looked at, ms. */
const turnEveryMs = 15_000;
/** A lease that stands still for so many looks is of a connector that has died, or hangs as if it had. */
const looksToEnd = 6;
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
  private isAtWork = false;
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
  takeTurn(): Promise<void> {
    // A connector that can't write now doesn't judge others: they can't either, perhaps.
    return this.inTurn(async () => (await this.renew()) && (await this.lookAtOthers()));
  }

  /** No session is held any more: nobody has to look for them. */
  endLease(): Promise<void> {
    this.close();
    return this.inTurn(() => this.bucket.compareAndSet(keyOf(this.id), '', this.revision, markSeconds));
  }

  close(): void {
    clearInterval(this.timer);
    this.unwatch?.();
  }

  private async inTurn(work: () => Promise<unknown>): Promise<void> {
    if (this.isAtWork) return;
    this.isAtWork = true;
    try {
      await work();
    } catch (error) {
      noteRetry('connector-lease', error);
    }
    this.isAtWork = false;
  }

  /** False: nobody knows yet, or it was lost. */
  private async renew(): Promise<boolean> {
    const key = keyOf(this.id);
    const value = JSON.stringify({ serverId: this.serverId } satisfies LeaseRecord);
    const revision = await this.bucket.compareAndSet(key, value, this.revision);
    if (revision !== undefined) {
      this.revision = revision;
      return true;
    }
    const entry = await this.bucket.get(key);
    if (entry?.value === value) {
      // An answer was lost, or a replica is behind.
      this.revision = Math.max(this.revision, entry.revision);
      return false;
    }
    this.currentId = newId();
    this.revision = 0;
    this.log.warn({ event: 'session.lease.lost' });
    this.onLost();
    return this.renew();
  }

  private async lookAtOthers(): Promise<void> {
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
    if (dead.length > 0) await this.endSessions(dead);
  }

  /** Where it fails midway, the leases stand still once more, and are ended again. @throws NotRead, NotStored */
  private async endSessions(leases: BucketEntry[]): Promise<void> {
    const own = new Map<string, number>();
    for (const { key, value, revision } of leases) {
      const marked = JSON.stringify({ ...parseJson<LeaseRecord>(value), endedBy: this.id });
      // Another connector does it, or its own lives.
      const written = await this.bucket.compareAndSet(key, marked, revision);
      if (written !== undefined) own.set(key, written);
    }
    if (own.size === 0) return;
    const left = await this.bucket.list('*', (entry) => (isHeldUnder(own, entry) ? entry : undefined));
    for (let from = 0; from < left.length; from += endedAtOnce)
      await Promise.all(
        left
          .slice(from, from + endedAtOnce)
          .map(({ key, revision }) => this.bucket.compareAndSet(key, '', revision, markSeconds)),
      );
    for (const [key, revision] of own) await this.bucket.compareAndSet(key, '', revision, markSeconds);
    this.log.warn({ event: 'session.leases.ended', leases: [...own.keys()], sessions: left.length });
  }
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}

function isHeldUnder(leases: ReadonlyMap<string, number>, entry: BucketEntry): boolean {
  const record = recordOf(entry);
  return record?.isConnected === true && record.lease !== undefined && leases.has(keyOf(record.lease));
}
