import { addVersion, markLive, setFallback } from '#releases';
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
  const wrong = options.only?.find((type) => !serverTypes.includes(type));
  if (wrong !== undefined)
    throw new Error(`There is no server type ${wrong}; there are ${serverTypes.join(', ')}.`);
  if (options.dryRun) {
    process.stdout.write(await session.target.preview(version, options));
    return;
  }
  const { table } = await requireTable(session);
  const missing = options.only ? serverTypes.filter((type) => !options.only?.includes(type)) : [];
  await session.change(`deploy ${version}`, addVersion(version, options.group));
  await session.target.deploy(version, options);
  await session.change(`live ${version}`, (now) =>
    missing.reduce(
      (changed, type) => setFallback(type, version, table.stable)(changed),
      markLive(version)(now),
    ),
  );
  await printStatus(session);
}
