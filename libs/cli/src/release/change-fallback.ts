import { setFallback } from '@ccgame/releases';
import { assertServerTypes } from './server-types.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

/**
 * Sends a version's calls for one server type to the servers of another version.
 *
 * @param to its own servers again when left out
 * @throws Error for a server type that there is not; TableError
 */
export async function changeFallback(
  session: ReleaseSession,
  type: string,
  version: string,
  to: string | undefined,
): Promise<void> {
  // One that is not there any more may still be taken away.
  if (to !== undefined) assertServerTypes([type], session.target.serverTypes);
  await session.change(`fallback ${type} ${version} ${to ?? ''}`.trim(), setFallback(type, version, to));
  await printStatus(session);
}
