import type { ReleaseRecord, ReleaseTable } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';

/** A channel's history of tables. */
export type HistoryOf = Pick<ReleaseSession, 'store' | 'channel'>;

/** The last table of which something held, and the change by which it held no more; undefined where it never did, or does yet. */
export async function lastEnd(
  { store, channel }: HistoryOf,
  holds: (table: ReleaseTable) => boolean,
): Promise<{ before: ReleaseRecord; by: ReleaseRecord } | undefined> {
  const records = await store.readHistory(channel);
  const last = records.findLastIndex(({ table }) => holds(table));
  const [before, by] = [records[last], records[last + 1]];
  return before && by && { before, by };
}

/** `"rollback 1.0.0001" by ann, 2026-11-30T03:00:00.000Z` */
export function changeIn({ action, who, at }: ReleaseRecord): string {
  return `"${action}" by ${who}, ${new Date(at).toISOString()}`;
}
