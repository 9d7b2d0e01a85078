import { Logger } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import type { Period } from '../boards/periods.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import type { CursorRecord } from '../store/records.js';
import { resultsStream, resultSubject } from '../store/streams.js';
import type { ResultsStreamAge } from './results-age.js';

const log = new Logger('leaderboards');

/** The last of these periods as the cursor has it, with the one in which the board counted before. */
export function placeIn(
  periods: readonly Period[],
  cursor: CursorRecord | undefined,
): Pick<CursorRecord, 'period' | 'endsAt' | 'before'> {
  const { name, endsAt } = periods.at(-1) as Period;
  const left = periods.at(-2);
  if (left) return { period: name, endsAt, before: { period: left.name, endsAt: left.endsAt } };
  if (!cursor || cursor.period === name) return { period: name, endsAt, before: cursor?.before };
  return { period: name, endsAt, before: { period: cursor.period, endsAt: cursor.endsAt } };
}

/**
 * The stream was restored, or its NATS machine was lost, and results that were counted went with it. New ones have their sequences, and would
 * never be counted: so the board goes on at the first that was stored after those.
 *
 * @returns undefined: it has lost none
 * @throws NotRead
 */
export async function cursorAfterLoss(
  { name, topic }: Board,
  store: LeaderboardStore,
  cursor: CursorRecord,
  { since, lastSeq }: ResultsStreamAge,
): Promise<CursorRecord | undefined> {
  if (cursor.since !== since || cursor.seq <= lastSeq) return undefined;
  const { countedTo } = cursor;
  const start = countedTo === undefined ? undefined : new Date(countedTo + 1).toISOString();
  const first = start && (await store.readSince(resultsStream.name, resultSubject(topic, '*'), start));
  const seq = first ? first.seq - 1 : lastSeq;
  log.error({ event: 'leaderboards.results-lost', board: name, from: seq + 1, to: cursor.seq });
  return { ...cursor, seq, losses: (cursor.losses ?? 0) + 1 };
}
