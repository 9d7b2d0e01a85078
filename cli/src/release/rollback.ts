import { TableError } from '#releases';
import type { ReleaseSession } from './session.js';
import { requireTable } from './require-table.js';

/**
 * The version that was stable before the one that is, and is still live.
 *
 * @throws TableError when there is none
 */
export async function previousStable(session: ReleaseSession): Promise<string> {
  const { table } = await requireTable(session);
  const records = await session.store.history(session.channel);
  const former = records.map((record) => record.table.stable).findLast((version) => version !== table.stable);
  if (former === undefined) throw new TableError([`No other version than ${table.stable} was ever stable.`]);
  if (table.versions[former]?.state !== 'live') {
    throw new TableError([
      `${former} was stable before, but it is ${table.versions[former]?.state ?? 'gone'}; deploy it first.`,
    ]);
  }
  return former;
}
