import { existsSync, readdirSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isAlive } from '../dev/is-alive.js';
import { lastUseOf, versionsFolder } from './version-build.js';

const kept = 8;

/**
 * Removes the builds that were not used for the longest time, and what builds left that were interrupted.
 *
 * @param inUse folders of builds that servers run
 */
export function pruneBuilds(root: string, inUse: readonly string[] = []): void {
  const folder = versionsFolder(root);
  if (!existsSync(folder)) return;
  const all = readdirSync(folder).map((name) => ({ name, usedAt: lastUseOf(join(folder, name)) }));
  const finished = all.filter(({ usedAt }) => usedAt !== undefined);
  const old = finished.sort((a, b) => Number(b.usedAt) - Number(a.usedAt)).slice(kept);
  const halfDone = all.filter(
    ({ name, usedAt }) => usedAt === undefined && !isAlive(Number(extname(name).slice(1))),
  );
  const unused = [...old, ...halfDone].map(({ name }) => join(folder, name));
  for (const path of unused.filter((one) => !inUse.includes(one)))
    rmSync(path, { recursive: true, force: true });
}
