import type { ReleaseRecord, ReleaseTable } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';

/** A channel's history of tables. */
export type HistoryOf = Pick<ReleaseSession, 'store' | 'channel'>;

/** The last table of which something held, and the change by which it held no more; undefined where it never did, or does yet. */
export async function lastEnd(
  { store, channel }: HistoryOf,
  holds: (table: ReleaseTable) => boolean,
): Promise<{ before: ReleaseRecord; by: ReleaseRecord } | undefined> {
  let before: ReleaseRecord | undefined;
  let by: ReleaseRecord | undefined;
  await store.readHistory(channel, (record) => {
    if (holdsIn(record.table, holds)) [before, by] = [record, undefined];
    else by ??= before && record;
  });
  return before && by && { before, by };
}

/** Nothing held in a table that is none, as somebody may have written by hand. */
function holdsIn(table: ReleaseTable, holds: (table: ReleaseTable) => boolean): boolean {
  try {
    return holds(table);
  } catch {
    return false;
  }
}

/** `"rollback 1.0.0001" by ann, 2026-11-30T03:00:00.000Z` */
export function changeIn({ action, who, at }: ReleaseRecord): string {
  return `"${action}" by ${who}, ${new Date(at).toISOString()}`;
}
