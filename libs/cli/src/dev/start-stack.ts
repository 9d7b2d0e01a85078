import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { redactNatsAddress } from '@ccgame/config';
import { readObject } from '../game-files.js';
import { snapshotCheckout } from '../versions/snapshot-checkout.js';
import { SourceProblem } from '../versions/source-problem.js';
import type { VersionBuild } from '../versions/version-build.js';
import type { DevLoop } from '../watch/dev-loop.js';
import { startObserver } from '../observe/start-observer.js';
import { type DevRoutes, startControl } from './control.js';
import { devChannel, removeDevFile, writeDevFile } from './dev-file.js';
import { refuseTakenPort, startEdge } from './edge.js';
import { Fleet } from './fleet.js';
import { openNats, type OpenNats } from './open-nats.js';
import type { DevOptions } from './options.js';
import { passedEnvironment } from './passed-environment.js';
import { playOnVersions } from './play-on-versions.js';
import { type BuiltVersion, prepareBuilds } from './prepare-builds.js';
import { refuseSecondLauncher } from './refuse-second-launcher.js';
import { chooseBuild } from './start-request.js';
import type { Steps } from './steps.js';
import { type Running, summary } from './summary.js';

interface Package {
  scripts?: Record<string, string>;
}

/**
 * Starts NATS, the servers of all versions and the public port, and plays a game on each version, or follows the game's sources.
 *
 * @param closers gets each thing that was started, in the order of starting
 */
export async function startStack(
  options: DevOptions,
  isWatching: boolean,
  steps: Steps,
  closers: Array<() => Promise<void>>,
): Promise<void> {
  const root = process.cwd();
  const url = `http://127.0.0.1:${options.port}`;
  await refuseTaken(root, options.port);
  const loop = isWatching ? await openLoop(root, steps, closers) : undefined;
  const buildCheckout = (): Promise<VersionBuild> => loop?.currentBuild() ?? snapshotCheckout(root);
  const versions = await prepareBuilds(root, options.versions, steps, buildCheckout);
  refuseUnknownTypes(options, versions);

  const inherited = (): Record<string, string> => passedEnvironment(root);
  const nats = await acquireNats(root, inherited().NATS_ADDRESS, steps, closers);
  // The servers' libraries take most of a start; a problem is told before they are loaded.
  const { seedReleaseTable } = await import('./seed-release-table.js');
  const { fallbacks } = await seedReleaseTable(nats.address, versions);

  const fleet = new Fleet({
    nats,
    logFolder: join(root, '.ccgame', 'logs'),
    env: variablesFor(url, inherited()),
    inherited,
    inspectPorts: options.inspect,
    onEvent: (line) => steps.printLine(line),
  });
  const routes = { stable: versions[0]?.version ?? '', fallbacks };
  const controlUrl = await openPorts({ options, fleet, buildCheckout, routes, closers });
  const dev = { pid: process.pid, controlUrl, natsAddress: nats.address, publicUrl: url };
  writeDevFile(root, { ...dev, isStarting: true });
  closers.push(async () => removeDevFile(root));

  await startVersions(versions, fleet, options, steps);
  if (loop) {
    await loop.followSources({ fleet, versions: versionsOfCheckout(versions, options) });
    steps.printLine(`\nEverything runs (starting took ${steps.total()}), and follows the sources.`);
  } else {
    const doors = { natsAddress: nats.addressOf('cron'), url, inherited: inherited(), steps };
    await playOnVersions(versions, doors);
    steps.printLine(`\nEverything works (starting and playing took ${steps.total()}).`);
  }
  writeDevFile(root, { ...dev, isStarting: false });
  if (options.once) return;
  if (options.observe !== undefined) closers.push(startObserver(options.observe));
  const servers = fleet.listMembers().map(({ server }) => server);
  steps.printLine(summary({ ...describeGame(root, versions), url, nats: describeNats(nats), servers }));
}

/** @throws Error when another launcher has the folder, or anybody the port */
async function refuseTaken(root: string, port: number): Promise<void> {
  await refuseSecondLauncher(root);
  await refuseTakenPort(port);
}

async function acquireNats(
  root: string,
  address: string | undefined,
  steps: Steps,
  closers: Array<() => Promise<void>>,
): Promise<OpenNats> {
  const nats = await steps.runStep('getting a NATS server', (progress) =>
    openNats(root, address, progress, (line) => steps.printLine(line)),
  );
  closers.push(() => nats.close());
  return nats;
}

async function openLoop(root: string, steps: Steps, closers: Array<() => Promise<void>>): Promise<DevLoop> {
  return steps.runStep('bundling the sources', async () => {
    const { DevLoop } = await import('../watch/dev-loop.js');
    const loop = await DevLoop.open(root, steps);
    closers.push(() => loop.close());
    await loop.currentBuild();
    return loop;
  });
}

/** The public port alone is for players, and none is for the network that the laptop happens to be in. */
function variablesFor(
  url: string,
  { LISTEN_HOST = '127.0.0.1' }: Record<string, string>,
): Record<string, string> {
  return { CHANNEL: devChannel, PUBLIC_HTTP_URL: url, PUBLIC_WS_URL: url.replace('http', 'ws'), LISTEN_HOST };
}

interface Ports {
  options: DevOptions;
  fleet: Fleet;
  buildCheckout: () => Promise<VersionBuild>;
  routes: DevRoutes;
  closers: Array<() => Promise<void>>;
}

/** Opens the public port, and the one by which other commands reach this launcher, whose address it gives. */
async function openPorts({ options, fleet, buildCheckout, routes, closers }: Ports): Promise<string> {
  let current = routes;
  const edge = await startEdge(options.port, (type, version) => addressOf(fleet, current, type, version));
  closers.push(async () => edge.close());
  closers.push(() => fleet.stopAll(3500));
  const control = await startControl({
    start: async (version, asked) => {
      const build = await chooseBuild(buildCheckout, asked, fleet.buildOf(version));
      await fleet.ensureServers(version, build, wantedOf(asked.types ?? build.serverTypes, options));
    },
    stop: (version) => void fleet.stopVersion(version),
    servers: () => Promise.all(fleet.listMembers().map((member) => member.report())),
    route: (changed) => void (current = changed),
  });
  closers.push(async () => control.close());
  return control.url;
}

/** The server that a client of `version` gets next; without a version, of the stable one. */
function addressOf(
  fleet: Fleet,
  { stable, fallbacks }: DevRoutes,
  type: string,
  version = stable,
): string | undefined {
  const serving = (wanted: string): string => fallbacks[type]?.[wanted] ?? wanted;
  // A version that nobody serves is stable's to refuse with the version to use.
  const server = fleet.nextServer(type, serving(version)) ?? fleet.nextServer(type, serving(stable));
  return server && `http://127.0.0.1:${server.port}`;
}

/** The versions that run the sources of this folder, not those of another commit or folder. */
function versionsOfCheckout(versions: BuiltVersion[], options: DevOptions): string[] {
  const followed = versions.filter((_, index) => options.versions[index]?.source === undefined);
  return followed.map(({ version }) => version);
}

function refuseUnknownTypes({ servers, inspect }: DevOptions, versions: BuiltVersion[]): void {
  const types = [...new Set(versions.flatMap(({ build }) => build.serverTypes))];
  const unknown = Object.keys({ ...servers, ...inspect }).find((type) => !types.includes(type));
  if (unknown !== undefined)
    throw new SourceProblem(`There is no server type ${unknown}; there are ${types.join(', ')}.`);
}

/** One version after the other; each one's servers at once. */
async function startVersions(
  versions: BuiltVersion[],
  fleet: Fleet,
  options: DevOptions,
  steps: Steps,
): Promise<void> {
  for (const { version, build } of versions) {
    await steps.runStep(`starting ${build.serverTypes.join(', ')} ${version}`, async () => {
      const members = await fleet.ensureServers(version, build, wantedOf(build.serverTypes, options));
      await Promise.all(members.map((member) => member.untilReady()));
    });
  }
}

/** May be shown: without user and password. */
function describeNats({ address, from }: OpenNats): string {
  return `${redactNatsAddress(address)}  (${from})`;
}

function describeGame(
  root: string,
  versions: BuiltVersion[],
): Pick<Running, 'versions' | 'hasPages' | 'scripts'> {
  const { scripts } = readObject<Package>(join(root, 'package.json'));
  return {
    versions: versions.map(({ version }) => version),
    hasPages: existsSync(join(root, 'dist', 'pages')),
    scripts: Object.keys(scripts ?? {}),
  };
}

/** The types of a version's servers, one entry a server. */
function wantedOf(serverTypes: string[], { servers }: DevOptions): string[] {
  return serverTypes.flatMap((type) => Array.from({ length: servers[type] ?? 1 }, () => type));
}
