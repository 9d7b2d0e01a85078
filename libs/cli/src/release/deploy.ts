import { createInterface } from 'node:readline/promises';
import {
  addVersion,
  markLive,
  parseTable,
  setFallback,
  type TableChange,
  TableError,
} from '@ccgame/releases';
import { StartFailed } from './await-servers.js';
import { renderVersion, toYaml } from './render/manifests.js';
import { readTemplate } from './render/template.js';
import { requireTable } from './require-table.js';
import { retire } from './retire.js';
import { assertServerTypes } from './server-types.js';
import type { ReleaseSession } from './session.js';
import { type StartOptions, startServers } from './start-servers.js';
import type { DeployOptions } from './targets/target.js';
import { printStatus } from './views.js';
import { expectJson, printNote, printResult } from './print-note.js';

/** The options of `ccgame release deploy`. */
export interface DeployCommandOptions extends StartOptions {
  group?: string;
  dryRun?: boolean;
  /** Removes what was started when it is given up. */
  cleanUp: boolean;
}

/** Nobody gets the version before all its servers are ready: it is `deploying` until then. */
export async function deploy(
  session: ReleaseSession,
  version: string,
  asked: DeployCommandOptions,
): Promise<void> {
  const serverTypes = [...session.target.serverTypes, ...session.target.jobTypes];
  assertServerTypes(asked.only ?? [], serverTypes);
  const { table } = await requireTable(session);
  const lacking = serverTypes.filter((type) => table.fallbacks[type]?.[version] !== undefined);
  if (table.versions[version]?.state === 'live' && lacking.length > 0)
    return completeVersion(session, version, lacking, asked);
  const add = addVersion(version, asked.group);
  // A change that would be refused at the end is refused before anything is built or started.
  parseTable(goLive(version, missingOf(serverTypes, asked))(add(table)));
  const options = await withTypesOfCode(session, version, asked);
  const changed = goLive(version, missingOf(serverTypes, options));
  parseTable(changed(add(table)));
  await session.change(`deploy ${version}${said(options)}`, add);
  await startOrTell(session, version, options);
  await session.change(`live ${version}`, changed);
  await printStatus(session);
}

/** @param missing types that are not deployed, which stable's servers serve */
function goLive(version: string, missing: string[]): TableChange {
  return (now) =>
    missing.reduce((changed, type) => {
      // Stable may itself be served by another version's servers.
      const serving = now.fallbacks[type]?.[now.stable] ?? now.stable;
      return setFallback(type, version, serving)(changed);
    }, markLive(version)(now));
}

function missingOf(serverTypes: string[], { only }: DeployCommandOptions): string[] {
  return only ? serverTypes.filter((type) => !only.includes(type)) : [];
}

/** Other code may have fewer server types than what runs. */
async function withTypesOfCode(
  session: ReleaseSession,
  version: string,
  options: DeployCommandOptions,
): Promise<DeployCommandOptions> {
  const has = await session.target.prepareCode(version, options);
  if (options.only) {
    assertServerTypes(options.only, has);
    return options;
  }
  const lacking = session.target.serverTypes.filter((type) => !has.includes(type));
  if (lacking.length === 0) return options;
  printNote(`The code of ${version} has no ${lacking.join(', ')}: stable's servers serve it.`);
  return { ...options, only: [...has] };
}

/** As the command was typed, for the history, and for the same command once more. */
function said({ from, image, only, group, commit }: DeployCommandOptions): string {
  const words = [
    from !== undefined && `--from ${from}`,
    image !== undefined && `--image ${image}`,
    only && `--only ${only.join(',')}`,
    group !== undefined && `--group ${group}`,
    commit !== undefined && `--commit ${commit}`,
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
  assertServerTypes(types, await session.target.prepareCode(version, options));
  await startOrTell(session, version, { ...options, only: types });
  await session.change(`live ${version} ${types.join(',')}`, (now) =>
    types.reduce((changed, type) => setFallback(type, version, undefined)(changed), now),
  );
  await printStatus(session);
}

/** Servers that can't start are told with their own reasons; the players meet none of it. */
async function startOrTell(
  session: ReleaseSession,
  version: string,
  options: DeployCommandOptions,
): Promise<void> {
  const goesOn = `"ccgame release deploy ${version}${said(options)}" once more goes on with it`;
  try {
    const onInterrupt = `nobody gets ${version} yet, and its servers start on. ${goesOn}.`;
    await startServers(session, version, options, onInterrupt);
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error;
    const { table } = await requireTable(session);
    const isNew = table.versions[version]?.state === 'deploying';
    if (isNew && (await wantsCleanUp(error, version, options))) {
      // Nobody got it, so there is nobody to wait for, also where a server of it does not answer.
      await retire(session, version, { force: version, leaveBehind: true });
      throw new StartFailed(`${error.message}\nNobody got ${version}. Its servers are removed.`);
    }
    const cleanUp = isNew ? `; "ccgame release retire ${version}" removes it` : '';
    throw new StartFailed(`${error.message}\nTraffic is as it was. ${goesOn}${cleanUp}.`);
  }
}

async function wantsCleanUp(
  { message }: Error,
  version: string,
  { cleanUp }: DeployCommandOptions,
): Promise<boolean> {
  if (cleanUp || !process.stdin.isTTY) return cleanUp;
  printNote(message);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Remove what was started of ${version}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Prints what `deploy` would apply to a cluster: YAML, or a `List` in JSON, both as kubectl takes them. Needs neither a cluster nor NATS. */
export function printManifests(
  overlay: string,
  version: string,
  options: DeployOptions & { json?: boolean },
): void {
  expectJson(options.json ?? false);
  const template = readTemplate(overlay);
  assertServerTypes(options.only ?? [], [...template.serverTypes, ...template.jobTypes]);
  const items = renderVersion(template, { version, ...options });
  printResult({ apiVersion: 'v1', kind: 'List', items }, toYaml(items).trimEnd());
}
