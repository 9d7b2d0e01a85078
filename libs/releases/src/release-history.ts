import { DiscardPolicy, type StreamConfig } from '@nats-io/jetstream';
import { type DirectReader, parseJson, type StoredMessage } from '@ccgame/jetstream';
import type { ReleaseRecord } from './table.js';

/**
 * Everything that was ever written to the bucket, which itself keeps 64 entries a channel at most. NATS copies it, so that
 * no change is ever made without its line here. When it is full, the oldest lines go.
 */
export const historyStream = {
  name: 'RELEASE_HISTORY',
  sources: [{ name: 'KV_releases' }],
  max_msgs_per_subject: 100_000,
  max_bytes: 256 * 2 ** 20,
  discard: DiscardPolicy.Old,
  allow_direct: true,
} satisfies Partial<StreamConfig>;

/** All messages of a subject that are in a stream now, oldest first. @throws NotRead */
export async function readAll(
  reader: DirectReader,
  stream: string,
  subject: string,
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  await reader.readAll(stream, subject, (message) => void messages.push(message));
  return messages;
}

/**
 * Hands over all records of a subject that have arrived here, oldest first, and keeps none: each has a whole table, and there may be 256 MB of them.
 * Anything that is no record, or was read from another stream, is left out.
 */
export async function readHistory(
  reader: DirectReader,
  subject: string,
  take: (record: ReleaseRecord) => void,
): Promise<void> {
  await reader.readAll(historyStream.name, subject, (message) => {
    const record = message.isForeign ? undefined : recordIn(message);
    if (record) take(record);
  });
}

function recordIn(message: StoredMessage): ReleaseRecord | undefined {
  const record = parseJson<ReleaseRecord>(message.text());
  return record && isChange(record) ? record : undefined;
}

/** A change has its author, time and reason: what somebody wrote by hand without them is none, though its table may be in force. */
export function isChange(record: { [Name in keyof ReleaseRecord]?: unknown }): boolean {
  const { table, at, who, why, action } = record;
  const areTexts = [who, why, action].every((one) => typeof one === 'string');
  return areTexts && isDate(at) && typeof table === 'object' && table !== null;
}

const isDate = (at: unknown): boolean => typeof at === 'number' && Math.abs(at) <= 8_640_000_000_000_000;
