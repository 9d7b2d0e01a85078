import type { NotRecovered } from '#contracts';
import { type DirectReader, NotRead, type StoredMessage } from '#rpc';
import type { PushRange } from '../push/push-range.js';
import { pushStreamName } from '../push/push-stream.js';
import { logSubjects } from '../push/subjects.js';

export type Replay = { messages: StoredMessage[] } | { notRecovered: NotRecovered };

/** So many subjects a direct read of last messages gives at most. */
const multiLastLimit = 1_024;
const pageSize = 256;

/**
 * What a player missed after a position. The caller must be subscribed already: a push that comes meanwhile is in one of
 * both, or in both.
 *
 * @throws NotRead when NATS does not answer, or is starting
 */
export async function replay(
  reader: DirectReader,
  range: PushRange,
  playerId: string,
  position: number,
): Promise<Replay> {
  const messages = await missed(reader, playerId, position);
  // Asked last: a message that went with age while we read shows here.
  const problem = coverage(await range.read(), position);
  return problem ? { notRecovered: problem } : { messages };
}

async function missed(reader: DirectReader, playerId: string, position: number): Promise<StoredMessage[]> {
  const subjects = logSubjects(playerId);
  const from = position + 1;
  try {
    const all = await reader.read(pushStreamName, {
      multi_last: [subjects],
      seq: from,
      batch: multiLastLimit,
    });
    return all.filter(({ seq }) => seq > position).sort((a, b) => a.seq - b.seq);
  } catch (error) {
    if (!(error instanceof NotRead) || error.kind !== 'too-many') throw error;
  }
  const messages: StoredMessage[] = [];
  for (let seq = from; ;) {
    const page = await reader.read(pushStreamName, { next_by_subj: subjects, seq, batch: pageSize });
    messages.push(...page);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return messages;
    seq = last.seq + 1;
  }
}

/** Whether nothing after the position has left the log yet. */
function coverage(
  { first, last }: { first: number; last: number },
  position: number,
): NotRecovered | undefined {
  if (position > last) return 'ahead';
  return first <= position + 1 ? undefined : 'expired';
}
