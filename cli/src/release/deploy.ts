import { join } from 'node:path';
import { addVersion, markLive, parseTable, setFallback, type TableChange } from '#releases';
import { renderVersion, toYaml } from './render/manifests.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import type { DeployOptions } from './targets/target.js';
import { printStatus } from './views.js';

export interface DeployCommandOptions extends DeployOptions {
  group?: string;
  dryRun?: boolean;
}

/** The types of the manifests; one that is not deployed is served by stable's servers. */
const serverTypes = ['http', 'connector', 'matching'];

/** Nobody gets the version before all its servers are ready: it is `deploying` until then. */
export async function deploy(
  session: ReleaseSession,
  version: string,
  options: DeployCommandOptions,
): Promise<void> {
  checkTypes(options.only);
  const { table } = await requireTable(session);
  const missing = options.only ? serverTypes.filter((type) => !options.only?.includes(type)) : [];
  const goLive: TableChange = (now) =>
    missing.reduce((changed, type) => {
      // Stable may itself be served by another version's servers.
      const serving = now.fallbacks[type]?.[now.stable] ?? now.stable;
      return setFallback(type, version, serving)(changed);
    }, markLive(version)(now));
  const add = addVersion(version, options.group);
  // What would be refused at the end is refused before anything starts.
  parseTable(goLive(add(table)));
  await session.change(`deploy ${version}`, add);
  await session.target.deploy(version, options);
  await session.change(`live ${version}`, goLive);
  await printStatus(session);
}

/** Prints what `deploy` would apply to a cluster. Needs neither a cluster nor NATS. */
export function printManifests(root: string, version: string, options: DeployOptions): void {
  checkTypes(options.only);
  process.stdout.write(toYaml(renderVersion(join(root, 'k8s'), { version, ...options })));
}

function checkTypes(only: string[] | undefined): void {
  const wrong = only?.find((type) => !serverTypes.includes(type));
  if (wrong !== undefined)
    throw new Error(`There is no server type ${wrong}; there are ${serverTypes.join(', ')}.`);
}
