import { parseJson, type StoredMessage } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import { startOf } from '../boards/periods.js';
import type { CursorRecord, PeriodRecord, ScoreRecord } from './records.js';

// A record that is none, as an operator's hand or an edited backup may leave it, is left out and told: it stops no other one, nor its board.

/** A player's score. */
export function readScore(message: StoredMessage): ScoreRecord | undefined {
  const record = parseJson<unknown[]>(message.text());
  const isSound = Array.isArray(record) && record.length === 3 && record.every(Number.isSafeInteger);
  return isSound ? (record as unknown as ScoreRecord) : leaveOut('board-score', message);
}

/** A board's cursor, as far as it tells of periods. */
export function readPeriods(
  message: StoredMessage,
): Pick<CursorRecord, 'period' | 'endsAt' | 'before'> | undefined {
  const cursor = parseJson<CursorRecord>(message.text());
  const isSound =
    cursor && isPeriod(cursor) && (cursor.before === undefined || isPeriod(Object(cursor.before) as object));
  return isSound ? cursor : leaveOut('board-cursor', message);
}

/** When a period ends, epoch ms; undefined: never, or what stands there doesn't say. */
export function readEnd(message: StoredMessage): number | undefined {
  const record = parseJson<PeriodRecord>(message.text());
  if (record && isEnd(record.endsAt)) return record.endsAt;
  return leaveOut('board-period', message);
}

function isPeriod({ period, endsAt }: { period?: unknown; endsAt?: unknown }): boolean {
  return typeof period === 'string' && startOf(period) !== undefined && isEnd(endsAt);
}

const isEnd = (endsAt: unknown): boolean => endsAt === undefined || Number.isFinite(endsAt);

function leaveOut(kind: string, { subject, seq }: StoredMessage): undefined {
  noteUnreadable(kind, subject, seq);
}
