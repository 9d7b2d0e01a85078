import type { StoredMessage } from '@ccgame/jetstream';
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
  const first = await firstSince(topic, store, cursor);
  return afterLoss(name, cursor, first ? first.seq - 1 : lastSeq);
}

/**
 * The same where the stream has as many results again: one at the cursor's place was stored later than the one that was counted there, and so
 * were others before it that would never be counted.
 *
 * @returns undefined: none of this board's
 * @throws NotRead
 */
export async function cursorBeforeRewritten(
  { name, topic }: Board,
  store: LeaderboardStore,
  cursor: CursorRecord,
): Promise<CursorRecord | undefined> {
  const { seq, countedTo } = cursor;
  if (countedTo === undefined) return undefined;
  const there = await store.readAt(resultsStream.name, seq);
  if (!there || there.storedAt <= countedTo) return undefined;
  const first = await firstSince(topic, store, cursor);
  return first && first.seq <= seq ? afterLoss(name, cursor, first.seq - 1) : undefined;
}

async function firstSince(
  topic: string,
  store: LeaderboardStore,
  { countedTo }: CursorRecord,
): Promise<StoredMessage | undefined> {
  if (countedTo === undefined) return undefined;
  return store.readSince(
    resultsStream.name,
    resultSubject(topic, '*'),
    new Date(countedTo + 1).toISOString(),
  );
}

function afterLoss(board: string, cursor: CursorRecord, seq: number): CursorRecord {
  log.error({ event: 'leaderboards.results-lost', board, from: seq + 1, to: cursor.seq });
  return { ...cursor, seq, losses: (cursor.losses ?? 0) + 1 };
}
