import { setFallback, type TableChange, TableError } from '@ccgame/releases';
import { assertServerTypes } from './server-types.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

/**
 * Sends a version's calls for one server type to the servers of another version.
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
  await session.change(`fallback ${type} ${version} ${to ?? ''}`.trim(), typedFallback(type, version, to));
  await printStatus(session);
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
