import { DeliverPolicy, jetstream, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ReleaseRecord } from './table.js';

/**
 * Everything that was ever written to the bucket, which itself keeps 64 entries a channel at most. NATS copies it, so that
 * no change is ever made without its line here.
 */
export const historyStream = {
  name: 'RELEASE_HISTORY',
  sources: [{ name: 'KV_releases' }],
  max_msgs_per_subject: 100_000,
  allow_direct: true,
} satisfies Partial<StreamConfig>;

/** All records of a subject that have arrived here, oldest first. What is no record is left out. */
export async function readHistory(nats: NatsConnection, subject: string): Promise<ReleaseRecord[]> {
  const consumer = await jetstream(nats).consumers.get(historyStream.name, {
    filter_subjects: [subject],
    deliver_policy: DeliverPolicy.All,
  });
  const records: ReleaseRecord[] = [];
  let { num_pending: left } = await consumer.info(true);
  if (left === 0) return records;
  for await (const message of await consumer.consume()) {
    const record = recordIn(message);
    if (record) records.push(record);
    left -= 1;
    if (left === 0) break;
  }
  return records;
}

function recordIn(message: { json(): unknown }): ReleaseRecord | undefined {
  try {
    const record = message.json() as Partial<ReleaseRecord> | null;
    return record?.table ? (record as ReleaseRecord) : undefined;
  } catch {
    return undefined;
  }
}
