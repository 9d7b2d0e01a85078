import { drainVersion, retireVersion, TableError } from '#releases';
import { requireTable } from './init.js';
import type { ReleaseSession } from './session.js';
import { sessionsOf } from './sessions-of.js';
import { printStatus } from './views.js';

const pollMs = 500;

/**
 * Drains a version, waits until nobody plays on it, and removes its servers.
 *
 * @param force the version once more: then nobody is waited for; its servers still drain when they are stopped
 */
export async function retire(session: ReleaseSession, version: string, force?: string): Promise<void> {
  if (force !== undefined && force !== version)
    throw new TableError([`--force names ${force}; to mean it, name ${version}.`]);
  const { table } = await requireTable(session);
  if (table.versions[version]?.state !== 'draining')
    await session.change(`retire ${version}`, drainVersion(version));
  if (force === undefined) await untilEmpty(session, version);
  await session.target.remove(version);
  await session.change(`retired ${version}`, retireVersion(version));
  await printStatus(session);
}

async function untilEmpty(session: ReleaseSession, version: string): Promise<void> {
  const first = await sessionsOf(session.nats, version);
  for (let left = first; left > 0; left = await sessionsOf(session.nats, version)) {
    process.stdout.write(`\r${bar(first, left)} ${left} players of ${version} are still there`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  if (first > 0) process.stdout.write('\n');
}

function bar(first: number, left: number): string {
  const width = 30;
  const done = Math.round((1 - left / Math.max(first, left)) * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
}
