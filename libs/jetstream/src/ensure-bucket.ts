import { DiscardPolicy, jetstreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkName } from '@ccgame/rpc';
import { ensureStream } from './ensure-stream.js';

/**
 * The stream of a KV bucket as the library makes them, with `history` entries a key, but for rollups: who may not write there
 * could empty it by one (decision 061).
 */
export function bucketStream(name: string, history: number): Partial<StreamConfig> & { name: string } {
  return {
    name: `KV_${checkName('bucket', name)}`,
    subjects: [`$KV.${name}.>`],
    max_msgs_per_subject: history,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    allow_direct: true,
  };
}

/** A subject of a bucket for `ensureAlways` to write to: no key that a program uses, and always empty. */
export const bucketProbe = (name: string) => (): string => `$KV.${name}.$probe`;

/**
 * Opens a KV bucket as the library makes them, with `history` entries a key; where there is none it is made, or awaited
 * where this server may not make it.
 *
 * @throws as `ensureStream`
 */
export async function ensureBucket(nats: NatsConnection, name: string, history: number): Promise<KV> {
  await ensureStream(await jetstreamManager(nats, { checkAPI: false }), bucketStream(name, history));
  return new Kvm(nats).open(name, { allow_direct: true });
}
