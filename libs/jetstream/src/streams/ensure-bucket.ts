import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkName } from '@ccgame/rpc/basics';
import { type BoundStream, ensureStream } from './ensure-stream.js';

/** The bounds of a bucket. */
export interface BucketSize {
  /** Entries that are kept of a key. Default: the newest alone. */
  history?: number;
  /** When it is full, it takes nothing more: NATS refuses the write. */
  maxBytes: number;
}

/**
 * The stream of a KV bucket as the library makes them, but for rollups: somebody who may not write there could
 * empty it by one (decision 061).
 */
export function bucketStream(name: string, { history = 1, maxBytes }: BucketSize): BoundStream {
  return {
    name: `KV_${checkName('bucket', name)}`,
    subjects: [`$KV.${name}.>`],
    max_msgs_per_subject: history,
    max_bytes: maxBytes,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    allow_direct: true,
  };
}

/** A subject of a bucket for `ensureAlways` to write to: no key that a program uses, and always empty. */
export const bucketProbe = (name: string) => (): string => `$KV.${name}.$probe`;

/**
 * Opens a KV bucket as the library makes them; where there is none it is made, or awaited where this server may not make it.
 *
 * @throws as `ensureStream`
 */
export async function ensureBucket(nats: NatsConnection, name: string, size: BucketSize): Promise<KV> {
  await ensureStream(await jetstreamManager(nats, { checkAPI: false }), bucketStream(name, size));
  return new Kvm(nats).open(name, { allow_direct: true });
}
