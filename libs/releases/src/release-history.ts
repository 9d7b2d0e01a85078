import { DiscardPolicy, type StreamConfig } from '@nats-io/jetstream';
import type { DirectReader, StoredMessage } from '@ccgame/jetstream';
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

/** All records of a subject that have arrived here, oldest first. Anything that is no record, or was read from another stream, is left out. */
export async function readHistory(reader: DirectReader, subject: string): Promise<ReleaseRecord[]> {
  const messages = await readAll(reader, historyStream.name, subject);
  return messages.flatMap((message) => (message.isForeign ? [] : (recordIn(message) ?? [])));
}

function recordIn(message: StoredMessage): ReleaseRecord | undefined {
  try {
    const record = message.json<Partial<ReleaseRecord> | null>();
    return record?.table ? (record as ReleaseRecord) : undefined;
  } catch {
    return undefined;
  }
}
