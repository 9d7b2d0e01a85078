import type { NotRecovered } from '@ccgame/protocol';
import { type DirectReader, NotRead, type StoredMessage } from '@ccgame/jetstream';
import { type PushRange, pushStreamName } from '../push/push-stream.js';
import { doubtHeader, isPush, logSubjects } from '../push/subjects.js';

/** The pushes that a client missed, or why they can't be given. */
export type Replay = { messages: StoredMessage[] } | { notRecovered: NotRecovered };

/** So many subjects a direct read of last messages gives at most. */
const multiLastLimit = 1_024;
const pageSize = 256;
/** A server of a NATS cluster lags milliseconds behind. */
const lagMs = 250;

/** Which part of the push log is read, and by what. */
export interface ReplayOptions {
  reader: DirectReader;
  /** Asks for the positions in the log. */
  range: () => Promise<PushRange>;
  /**
   * The subject of a message that was stored after the caller subscribed. Any NATS server that keeps the log may answer, and
   * one that lags behind may not have all yet: one that has this message has all before it.
   */
  mark?: string;
}

/**
 * Reads the pushes that a player missed after a position. The caller must be subscribed already: a push that comes meanwhile is in one of
 * both, or in both.
 *
 * @throws NotRead when NATS does not answer, is starting, or the server that answered lags behind
 */
export async function replay(options: ReplayOptions, playerId: string, position: number): Promise<Replay> {
  const messages = await missedPushes(options, playerId, position);
  // Asked last: a message that went with age while we read shows here.
  const problem = coverage(await options.range(), position);
  if (problem) return { notRecovered: problem };
  const isInDoubt = messages.some((message) => message.hasHeader(doubtHeader));
  return isInDoubt ? { notRecovered: 'expired' } : { messages };
}

async function missedPushes(
  options: ReplayOptions,
  playerId: string,
  position: number,
): Promise<StoredMessage[]> {
  const { reader, mark } = options;
  const subjects = logSubjects(playerId);
  const from = position + 1;
  try {
    const all = await reader.readMessages(pushStreamName, {
      multi_last: mark ? [subjects, mark] : [subjects],
      seq: from,
      batch: multiLastLimit,
    });
    if (mark && !all.some(({ subject }) => subject === mark)) throw new NotRead('away');
    return all
      .filter((message) => message.seq > position && message.subject !== mark && isPush(message))
      .sort((a, b) => a.seq - b.seq);
  } catch (error) {
    if (!(error instanceof NotRead) || error.kind !== 'too-many') throw error;
  }
  // Such reads have one filter, so no mark comes with them: time has to do.
  if (mark) await new Promise((resolve) => setTimeout(resolve, lagMs));
  const messages: StoredMessage[] = [];
  for (let seq = from; ;) {
    const page = await reader.readMessages(pushStreamName, { next_by_subj: subjects, seq, batch: pageSize });
    messages.push(...page.filter(isPush));
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
