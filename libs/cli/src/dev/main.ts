import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { redactNatsAddress } from '@ccgame/config';
import { StopSignals } from '@ccgame/server';
import { NatsProblem } from '@ccgame/testing';
import { explainProblem } from './problem.js';
import { type DevRoutes, startControl } from './control.js';
import { devChannel, findLauncher, removeDevFile, writeDevFile } from './dev-file.js';
import { startEdge } from './edge.js';
import { Fleet } from './fleet.js';
import { openNats } from './open-nats.js';
import { type DevOptions, parseDevOptions } from './options.js';
import { playOnVersions } from './play-on-versions.js';
import { type BuiltVersion, prepareBuilds } from './prepare-builds.js';
import { seedReleaseTable } from './seed-release-table.js';
import { chooseBuild } from './start-request.js';
import { Steps } from './steps.js';
import { type Running, summary } from './summary.js';
import { SourceProblem } from '../versions/source-problem.js';

interface Package {
  scripts?: Record<string, string>;
}

/** `npm start`: the whole backend on one machine, and a game played on it. */
export async function main(args: string[]): Promise<void> {
  // Libraries log for servers; here a person reads.
  Logger.overrideLogger(['error', 'warn']);
  const options = parseDevOptions(args);
  const closers: Array<() => Promise<void>> = [];
  const stop = async (code: number): Promise<never> => {
    // In the reverse of the order of starting; NATS last, as the servers say good-bye over it.
    for (const close of closers.splice(0).reverse()) await close().catch(() => {});
    process.exit(code);
  };
  let stopping = false;
  const signals = new StopSignals();
  const onSignal = (): void => {
    const meaning = signals.receive();
    if (meaning === 'force') process.exit(1);
    if (meaning !== 'stop') return;
    stopping = true;
    process.stdout.write('\nstopping …\n');
    void stop(options.once ? 1 : 0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    await run(options, closers);
  } catch (error) {
    if (stopping) return;
    process.stderr.write(`${explainProblem(error)}\n`);
    await stop(1);
  }
  if (options.once) await stop(0);
}

async function run(options: DevOptions, closers: Array<() => Promise<void>>): Promise<void> {
  const root = process.cwd();
  const steps = new Steps();
  const url = `http://127.0.0.1:${options.port}`;
  const other = await findLauncher(root);
  if (other.state === 'answers' || other.state === 'silent') throw NatsProblem.takenBy(other.dev.pid);
  const versions = await prepareBuilds(root, options.versions, steps);
  refuseUnknownTypes(options, versions);

  const nats = await steps.runStep('getting a NATS server', (progress) => openNats(root, progress));
  closers.push(() => nats.close());
  const { fallbacks } = await seedReleaseTable(nats.address, versions);

  const fleet = new Fleet({
    natsAddressOf: (serverType) => nats.addressOf(serverType),
    logFolder: join(root, '.ccgame', 'logs'),
    env: { CHANNEL: devChannel, PUBLIC_HTTP_URL: url, PUBLIC_WS_URL: url.replace('http', 'ws') },
    onEvent: (line) => steps.printLine(line),
  });
  let routes: DevRoutes = { stable: versions[0]?.version ?? '', fallbacks };
  const edge = await startEdge(options.port, (type, version) => addressOf(fleet, routes, type, version));
  closers.push(async () => edge.close());
  closers.push(() => fleet.stopAll(3500));
  const control = await startControl({
    start: async (version, asked) => {
      const build = await chooseBuild(root, asked, fleet.buildOf(version));
      await fleet.ensureServers(version, build, wantedOf(asked.types ?? build.serverTypes, options));
    },
    stop: (version) => void fleet.stopVersion(version),
    servers: () => Promise.all(fleet.listMembers().map((member) => member.report())),
    route: (changed) => void (routes = changed),
  });
  closers.push(async () => control.close());
  const dev = { pid: process.pid, controlUrl: control.url, natsAddress: nats.address, publicUrl: url };
  writeDevFile(root, { ...dev, isStarting: true });
  closers.push(async () => removeDevFile(root));

  await startVersions(versions, fleet, options, steps);
  await playOnVersions(versions, { natsAddress: nats.addressOf('cron'), url, steps });
  steps.printLine(`\nEverything works (starting and playing took ${steps.total()}).`);
  writeDevFile(root, { ...dev, isStarting: false });
  if (options.once) return;
  const shown = `${redactNatsAddress(nats.address)}  (${nats.from})`;
  steps.printLine(
    summary({
      ...describeGame(root, versions),
      url,
      nats: shown,
      servers: fleet.listMembers().map(({ server }) => server),
    }),
  );
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

function refuseUnknownTypes({ servers }: DevOptions, versions: BuiltVersion[]): void {
  const types = [...new Set(versions.flatMap(({ build }) => build.serverTypes))];
  const unknown = Object.keys(servers).find((type) => !types.includes(type));
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

function describeGame(
  root: string,
  versions: BuiltVersion[],
): Pick<Running, 'versions' | 'hasPages' | 'scripts'> {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;
  return {
    versions: versions.map(({ version }) => version),
    hasPages: existsSync(join(root, 'dist', 'pages')),
    scripts: Object.keys(scripts),
  };
}

/** The types of a version's servers, one entry a server. */
function wantedOf(serverTypes: string[], { servers }: DevOptions): string[] {
  return serverTypes.flatMap((type) => Array.from({ length: servers[type] ?? 1 }, () => type));
}
