import { endCanary, promoteVersion, type ReleaseTable, TableError } from '@ccgame/releases';
import { moveNow } from './move-now.js';
import type { ReleaseSession } from './session.js';
import { requireTable } from './require-table.js';
import { printStatus } from './views.js';
import { warnOfLeftBehind } from './work-left.js';

/** Ends a canary or, where no version is named, makes the former stable version stable again. @throws TableError */
export async function rollBack(
  session: ReleaseSession,
  version: string | undefined,
  options: { moveNow: boolean },
): Promise<void> {
  if (version === undefined) await rollBackStable(session);
  else await endCanaryNow(session, version);
  if (options.moveNow) await moveNow(session);
  await printStatus(session);
}

/**
 * Makes the version stable that was so before the one that is, if it is still live.
 *
 * @throws TableError when there is none, or another version became stable meanwhile
 */
async function rollBackStable(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  const former = await formerStable(session, table);
  if (former === undefined) throw new TableError([`No other version than ${table.stable} was ever stable.`]);
  if (table.versions[former]?.state !== 'live') {
    throw new TableError([
      `${former} was stable before, but it is ${table.versions[former]?.state ?? 'gone'}; deploy it first.`,
    ]);
  }
  await warnOfLeftBehind(session, table.stable, former);
  await session.change(`rollback to ${former}`, (now) => {
    if (now.stable !== table.stable)
      throw new TableError([`${now.stable} was made stable meanwhile; look at it and try again.`]);
    return promoteVersion(former)(now);
  });
}

/** Its rooms go back to stable, as far as that takes them. */
async function endCanaryNow(session: ReleaseSession, version: string): Promise<void> {
  const { table } = await requireTable(session);
  if (table.canaries.some((one) => one.version === version))
    await warnOfLeftBehind(session, version, table.stable);
  await session.change(`rollback ${version}`, endCanary(version));
}

/** The version that was stable before the one that is. */
async function formerStable(
  session: Pick<ReleaseSession, 'store' | 'channel'>,
  table: ReleaseTable,
): Promise<string | undefined> {
  const records = await session.store.readHistory(session.channel);
  return records.map((record) => record.table.stable).findLast((version) => version !== table.stable);
}
