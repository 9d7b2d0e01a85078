import { promoteVersion, TableError } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';
import { requireTable } from './require-table.js';

/**
 * Makes the version stable that was so before the one that is, if it is still live.
 *
 * @throws TableError when there is none, or another version became stable meanwhile
 */
export async function rollBackStable(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  const records = await session.store.readHistory(session.channel);
  const former = records.map((record) => record.table.stable).findLast((version) => version !== table.stable);
  if (former === undefined) throw new TableError([`No other version than ${table.stable} was ever stable.`]);
  if (table.versions[former]?.state !== 'live') {
    throw new TableError([
      `${former} was stable before, but it is ${table.versions[former]?.state ?? 'gone'}; deploy it first.`,
    ]);
  }
  await session.change(`rollback to ${former}`, (now) => {
    if (now.stable !== table.stable)
      throw new TableError([`${now.stable} was made stable meanwhile; look at it and try again.`]);
    return promoteVersion(former)(now);
  });
}
