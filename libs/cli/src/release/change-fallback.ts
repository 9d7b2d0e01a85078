import { type ReleaseTable, setFallback, type TableChange, TableError } from '@ccgame/releases';
import { followNewest } from './follow-newest.js';
import { changeIn, lastEnd } from './last-end.js';
import { printNote } from './print-note.js';
import { requireTable } from './require-table.js';
import { assertServerTypes } from './server-types.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

/**
 * Sends a version's calls for one server type to the servers of another version. A fallback that was ended already, as by a try that broke off, is
 * ended no second time: routes and jobs follow that end.
 *
 * @param to its own servers again when left out
 * @throws Error for a server type that there is not; TableError, also for a version or a fallback that is not in the table
 */
export async function changeFallback(
  session: ReleaseSession,
  type: string,
  version: string,
  to: string | undefined,
): Promise<void> {
  // One that is not there any more may still be taken away.
  if (to !== undefined) assertServerTypes([type], session.target.serverTypes);
  else if (await isEnded(session, type, version)) return printStatus(session);
  await session.change(`fallback ${type} ${version} ${to ?? ''}`.trim(), typedFallback(type, version, to));
  await printStatus(session);
}

/** Whether there was one, and is none any more. */
async function isEnded(session: ReleaseSession, type: string, version: string): Promise<boolean> {
  const stored = await requireTable(session);
  const hasFallback = ({ fallbacks }: ReleaseTable): boolean => fallbacks[type]?.[version] !== undefined;
  const end = hasFallback(stored.table) ? undefined : await lastEnd(session, hasFallback);
  if (!end) return false;
  printNote(`note: ${version} has no fallback for ${type} any more: ${changeIn(end.by)}.`);
  await followNewest(session, stored);
  return true;
}

/** Refuses a mistyped name, which would change nothing and look like a change. @throws TableError in the change */
export function typedFallback(type: string, version: string, to: string | undefined): TableChange {
  return (table) => {
    const { [type]: pairs = {} } = table.fallbacks;
    if (to === undefined && pairs[version] === undefined)
      throw new TableError([`${version} has no fallback for ${type}.`]);
    const known = Object.keys(table.versions);
    if (to !== undefined && !known.includes(version))
      throw new TableError([`${version} is unknown; the versions are ${known.join(', ')}.`]);
    return setFallback(type, version, to)(table);
  };
}
