import { DeliverPolicy, jetstream, type JsMsg, type StreamConfig } from '@nats-io/jetstream';
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

/** All messages of a subject that are in a stream now, oldest first. */
export async function readAll(nats: NatsConnection, stream: string, subject: string): Promise<JsMsg[]> {
  const consumer = await jetstream(nats).consumers.get(stream, {
    filter_subjects: [subject],
    deliver_policy: DeliverPolicy.All,
  });
  const { num_pending: count } = await consumer.info(true);
  const messages: JsMsg[] = [];
  if (count === 0) return messages;
  for await (const message of await consumer.consume()) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

/** All records of a subject that have arrived here, oldest first. What is no record is left out. */
export async function readHistory(nats: NatsConnection, subject: string): Promise<ReleaseRecord[]> {
  const messages = await readAll(nats, historyStream.name, subject);
  return messages.flatMap((message) => recordIn(message) ?? []);
}

function recordIn(message: JsMsg): ReleaseRecord | undefined {
  try {
    const record = message.json<Partial<ReleaseRecord> | null>();
    return record?.table ? (record as ReleaseRecord) : undefined;
  } catch {
    return undefined;
  }
}
