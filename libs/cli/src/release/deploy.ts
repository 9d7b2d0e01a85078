import {
  addVersion,
  markLive,
  parseTable,
  setFallback,
  type TableChange,
  TableError,
} from '@ccgame/releases';
import { assertBuilds } from './builds.js';
import { renderVersion, toYaml } from './render/manifests.js';
import { readTemplate } from './render/template.js';
import { requireTable } from './require-table.js';
import { assertServerTypes } from './server-types.js';
import type { ReleaseSession } from './session.js';
import type { DeployOptions } from './targets/target.js';
import { printStatus } from './views.js';

export interface DeployCommandOptions extends DeployOptions {
  group?: string;
  dryRun?: boolean;
}

/** Nobody gets the version before all its servers are ready: it is `deploying` until then. */
export async function deploy(
  session: ReleaseSession,
  version: string,
  options: DeployCommandOptions,
): Promise<void> {
  const serverTypes = [...session.target.serverTypes, ...session.target.jobTypes];
  assertServerTypes(options.only ?? [], serverTypes);
  const { table } = await requireTable(session);
  const lacking = serverTypes.filter((type) => table.fallbacks[type]?.[version] !== undefined);
  if (table.versions[version]?.state === 'live' && lacking.length > 0)
    return completeVersion(session, version, lacking, options);
  // A type that is not deployed is served by stable's servers.
  const missing = options.only ? serverTypes.filter((type) => !options.only?.includes(type)) : [];
  const goLive: TableChange = (now) =>
    missing.reduce((changed, type) => {
      // Stable may itself be served by another version's servers.
      const serving = now.fallbacks[type]?.[now.stable] ?? now.stable;
      return setFallback(type, version, serving)(changed);
    }, markLive(version)(now));
  const add = addVersion(version, options.group);
  // A change that would be refused at the end is refused before anything starts.
  parseTable(goLive(add(table)));
  await session.change(`deploy ${version}${said(options)}`, add);
  await startServers(session, version, options);
  await session.change(`live ${version}`, goLive);
  await printStatus(session);
}

/** Resolves when all are ready and run the code that was asked for. @throws Error */
export async function startServers(
  { target, nats }: ReleaseSession,
  version: string,
  options: DeployOptions,
): Promise<void> {
  await target.deploy(version, options);
  const pods = await target.readyPods?.(version);
  if (pods) await assertBuilds(nats, pods, { version, commit: options.commit });
}

/** For the history. */
function said({ image, only, group }: DeployCommandOptions): string {
  const words = [
    image !== undefined && `--image ${image}`,
    only && `--only ${only.join(',')}`,
    group !== undefined && `--group ${group}`,
  ];
  return words.map((word) => (word ? ` ${word}` : '')).join('');
}

/** Gives a live version servers of types that another version served until now. */
async function completeVersion(
  session: ReleaseSession,
  version: string,
  lacking: string[],
  options: DeployCommandOptions,
): Promise<void> {
  const types = options.only ?? lacking;
  const present = types.find((type) => !lacking.includes(type));
  if (present !== undefined) throw new TableError([`${version} has ${present} servers already.`]);
  if (options.group !== undefined)
    throw new TableError([`${version} is live already, and a live version keeps its group.`]);
  await startServers(session, version, { ...options, only: types });
  await session.change(`live ${version} ${types.join(',')}`, (now) =>
    types.reduce((changed, type) => setFallback(type, version, undefined)(changed), now),
  );
  await printStatus(session);
}

/** Prints what `deploy` would apply to a cluster. Needs neither a cluster nor NATS. */
export function printManifests(overlay: string, version: string, options: DeployOptions): void {
  const template = readTemplate(overlay);
  assertServerTypes(options.only ?? [], [...template.serverTypes, ...template.jobTypes]);
  process.stdout.write(toYaml(renderVersion(template, { version, ...options })));
}
