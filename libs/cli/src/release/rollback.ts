import {
  endCanary,
  keepVersion,
  promoteVersion,
  type ReleaseRecord,
  type ReleaseTable,
  type TableChange,
  TableError,
} from '@ccgame/releases';
import { assertServed } from './assert-served.js';
import { besideStable } from './beside-stable.js';
import { followNewest } from './follow-newest.js';
import { changeIn, type HistoryOf, lastEnd } from './last-end.js';
import { moveNow } from './move-now.js';
import type { ReleaseSession } from './session.js';
import { requireTable } from './require-table.js';
import { printNote } from './print-note.js';
import { warnOfTooFew } from './too-few-servers.js';
import { printStatus } from './views.js';
import { warnOfLeftBehind } from './work-left.js';

/** Begins the history's line of a stable version that was taken back. */
const rollbackTo = 'rollback to ';

interface RollbackOptions {
  moveNow: boolean;
}

/** Ends a canary or, where no version is named, makes the former stable version stable again. @throws TableError */
export async function rollBack(
  session: ReleaseSession,
  version: string | undefined,
  options: RollbackOptions,
): Promise<void> {
  if (version === undefined) await rollBackStable(session, options);
  else await endCanaryNow(session, version, options);
  if (options.moveNow) await moveNow(session);
  await printStatus(session);
}

/**
 * Makes the version stable that was so before the one that is, if it is still live. A rollback is never rolled back: the second of two
 * operators, or the second try of one, would bring back what was bad. It goes on with the first one. One that is being retired is kept, as long as
 * its servers run.
 *
 * @throws TableError when there is none, it has no servers, or another version became stable meanwhile
 */
async function rollBackStable(
  session: ReleaseSession,
  { moveNow: movesAll }: RollbackOptions,
): Promise<void> {
  const stored = await requireTable(session);
  const { table } = stored;
  const { former, by } = await lastPromotion(session, table);
  if (by.action.startsWith(rollbackTo)) {
    printNote(
      `note: ${table.stable} is stable by a rollback of ${former} already (${by.who}, ${new Date(by.at).toISOString()}). "ccgame release promote <version>" makes another one stable.`,
    );
    return followNewest(session, stored);
  }
  const state = table.versions[former]?.state;
  if (state !== 'live' && state !== 'draining')
    throw new TableError([`${former} was stable before, but it is ${state ?? 'gone'}; deploy it first.`]);
  await assertServed(session, table, former);
  if (state === 'draining') printNote(`note: ${former} was being retired, and is kept.`);
  if (movesAll) await warnOfTooFew(session, table, { from: table.stable, to: former, share: 1 });
  await warnOfLeftBehind(session, table.stable, former);
  const comeBack: TableChange = (now) => promoteVersion(former)(keepVersion(former)(now));
  await session.change(`${rollbackTo}${former}`, besideStable(table.stable, comeBack));
}

/**
 * Its rooms go back to stable, as far as that takes them. A canary that was ended already, as by the guard or by a try that broke off, is ended no
 * second time: the routes follow that end, and its players may be asked to move.
 *
 * @throws TableError for a version that never was a canary
 */
async function endCanaryNow(
  session: ReleaseSession,
  version: string,
  { moveNow: movesAll }: RollbackOptions,
): Promise<void> {
  const stored = await requireTable(session);
  const { table } = stored;
  const isCanary = hasCanary(version);
  if (isCanary(table)) {
    if (movesAll) await warnOfTooFew(session, table, { from: version, to: table.stable, share: 1 });
    await warnOfLeftBehind(session, version, table.stable);
  } else {
    const end = await lastEnd(session, isCanary);
    if (end && table.stable !== version) {
      printNote(`note: ${version} is no canary any more: ${changeIn(end.by)}.`);
      return followNewest(session, stored);
    }
  }
  await session.change(`rollback ${version}`, endCanary(version));
}

const hasCanary =
  (version: string) =>
  ({ canaries }: ReleaseTable): boolean =>
    canaries.some((one) => one.version === version);

/** The version that was stable before the one that is, and the change by which this one is. @throws TableError */
async function lastPromotion(
  session: HistoryOf,
  { stable }: ReleaseTable,
): Promise<{ former: string; by: ReleaseRecord }> {
  const end = await lastEnd(session, (table) => table.stable !== stable);
  if (!end) throw new TableError([`No other version than ${stable} was ever stable.`]);
  return { former: end.before.table.stable, by: end.by };
}
