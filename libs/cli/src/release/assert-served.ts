import { type ReleaseTable, TableError } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';

/**
 * Refuses to give players a version of which a server type has no server while stable has some: they would meet nobody. Where stable has none
 * either, it is no worse.
 *
 * @param table has the version that is stable until then
 * @throws TableError that names the types; Error where the place where servers run can't be asked
 */
export async function assertServed(
  { target }: Pick<ReleaseSession, 'target'>,
  { stable, fallbacks, versions }: ReleaseTable,
  version: string,
): Promise<void> {
  const { instances } = await target.servers();
  const running = instances.filter(({ state }) => state === 'running' || state === 'starting');
  const hasServers = (type: string, of: string): boolean => {
    const serving = fallbacks[type]?.[of] ?? of;
    return running.some((one) => one.serverType === type && one.version === serving);
  };
  const lacking = target.serverTypes.filter((type) => hasServers(type, stable) && !hasServers(type, version));
  if (lacking.length === 0) return;
  if (versions[version]?.state === 'retired')
    throw new TableError([
      `${version} is retired. Nothing was changed. "ccgame release deploy ${version}" starts it again.`,
    ]);
  throw new TableError([
    `No ${lacking.join(', ')} server of ${version} runs, and ${stable} has some: players would meet nobody. Nothing was changed. "ccgame servers" shows what runs; start them first.`,
  ]);
}
