import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { bucketProbe, bucketStream } from '../streams/ensure-bucket.js';
import { type DirectReader, NotRead } from '../reading/direct-reader.js';
import { ensureAlways } from '../streams/ensure-always.js';
import { type BoundStream, ensureStream } from '../streams/ensure-stream.js';
import { type NatsHealth } from '@ccgame/nats';
import { checkName } from '@ccgame/rpc/basics';
import { type StoredMessage } from '../reading/stored-message.js';
import { type AckedPublisher } from './acked-publisher.js';
import { expectingHeaders } from './batch.js';
import { NotStored } from './not-stored.js';
import { isConflict, isDenied } from './refusals.js';

/** One entry as it stands in a bucket. */
export interface BucketEntry {
  key: string;
  value: string;
  /** The revision that the next write must expect; it only grows. */
  revision: number;
  /** Epoch ms by the clock of NATS. */
  storedAt: number;
}

const decoder = new TextDecoder();

/** The stream of a {@link KeyValueBucket}. */
export function keyValueStream(name: string, maxBytes: number): BoundStream {
  return { ...bucketStream(name, { maxBytes }), allow_msg_ttl: true };
}

/**
 * A KV bucket by raw messages, readable with `nats kv`. The library's `update` silently drops the TTL, and both its reads
 * and writes cost a multiple. An empty value counts as none. Names, keys and filters are checked: RpcError INVALID.
 */
export class KeyValueBucket {
  private readonly prefix: string;
  private readonly stream: string;
  private endEnsuring?: () => void;

  constructor(
    private readonly name: string,
    private readonly nats: NatsConnection,
    private readonly publisher: AckedPublisher,
    private readonly reader: DirectReader,
  ) {
    this.prefix = `$KV.${checkName('bucket', name)}.`;
    this.stream = `KV_${name}`;
  }

  /** Makes it where there is none, now and whenever it is missing, until {@link close}. It takes nothing more when it is full. */
  async open(health: NatsHealth, maxBytes: number): Promise<void> {
    this.endEnsuring = await ensureAlways(health, () => this.ensureStream(maxBytes), {
      name: this.stream,
      probe: bucketProbe(this.name),
    });
  }

  close(): void {
    this.endEnsuring?.();
  }

  /** @throws NotRead */
  async get(key: string): Promise<BucketEntry | undefined> {
    const message = await this.reader.readLast(this.stream, this.subjectOf(key));
    return message && this.entryOf(message);
  }

  /** Gives what `pick` takes of each entry under `filter`, such as `group.*`, if anything: not all values are in memory at once. @throws NotRead */
  async list<T>(filter: string, pick: (entry: BucketEntry) => T | undefined): Promise<T[]> {
    const found: T[] = [];
    const subject = this.prefix + checkName('bucketFilter', filter);
    await this.reader.readAll(this.stream, subject, (message) => {
      const picked = message.data.length > 0 ? pick(this.entryOf(message)) : undefined;
      if (picked !== undefined) found.push(picked);
    });
    return found;
  }

  /** Writes whatever stands there. Returns the revision. @throws NotStored */
  async put(key: string, value: string, ttlSeconds?: number): Promise<number> {
    const given = ttlSeconds === undefined ? undefined : expectingHeaders({ ttlSeconds });
    return (await this.publisher.publish(this.subjectOf(key), value, given)).seq;
  }

  /**
   * Writes only over the revision given, 0 for none. Undefined: another one stands there, or is being stored. Without `ttlSeconds` it stays.
   *
   * @throws NotStored
   */
  async compareAndSet(
    key: string,
    value: string,
    revision: number,
    ttlSeconds?: number,
  ): Promise<number | undefined> {
    const subject = this.subjectOf(key);
    const given = expectingHeaders({ expected: revision, ttlSeconds });
    try {
      return (await this.publisher.publish(subject, value, given)).seq;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  private subjectOf(key: string): string {
    return this.prefix + checkName('bucketKey', key);
  }

  private async ensureStream(maxBytes: number): Promise<void> {
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    await ensureStream(manager, keyValueStream(this.name, maxBytes));
  }

  private entryOf({ subject, data, seq, storedAt }: StoredMessage): BucketEntry {
    return { key: subject.slice(this.prefix.length), value: decoder.decode(data), revision: seq, storedAt };
  }
}

/** Whether an error means that NATS was away or did not answer in time, or has no room: a later try may be taken. */
export function isAway(error: unknown): boolean {
  return (error instanceof NotRead || error instanceof NotStored) && !isDenied(error);
}
