import { createInterface } from 'node:readline/promises';
import { parseNatsAddress, redactNatsAddress } from '@ccgame/config';
import { devChannel, findLauncher } from '../dev/dev-file.js';
import { environment } from '../environment.js';
import type { GlobalOptions } from './global-options.js';
import { defaultOverlay } from './options.js';
import { channelsOf } from './render/manifest.js';
import { readTemplate, type Template } from './render/template.js';
import { DevTarget } from './targets/dev-target.js';
import { FolderTarget } from './targets/git/folder-target.js';
import { ManifestFolder } from './targets/git/manifest-folder.js';
import { publishChange } from './targets/git/publish.js';
import { Kubectl } from './targets/kubectl.js';
import { KubectlTarget } from './targets/kubectl-target.js';
import type { ReleaseTarget } from './targets/target.js';

/** Where a command acts. It is found once and stays: a slow launcher or another kubectl context changes nothing any more. */
export interface Place {
  target: ReleaseTarget;
  channel: string;
  natsAddress: string;
  /** The process of the `npm start` here, where that is the place. */
  launcherPid?: number;
}

/** The command doesn't know where to act, or was told not to. */
export class TargetProblem extends Error {}

type Options = Pick<
  GlobalOptions,
  'target' | 'channel' | 'yes' | 'overlay' | 'context' | 'namespace' | 'write' | 'publish'
>;

/**
 * The servers of `npm start` here are the target as long as its process lives; without one it is the cluster of the named or the
 * current kubectl context, which is named, and asked about before it is changed.
 *
 * @throws TargetProblem
 */
export async function chooseTarget(options: Options, does: 'changes' | 'reads'): Promise<Place> {
  const isCluster = options.target === 'kubectl' || options.write !== undefined;
  const dev = isCluster ? undefined : await devPlace(options);
  return dev ?? clusterPlace(options, does);
}

async function clusterPlace(options: Options, does: 'changes' | 'reads'): Promise<Place> {
  const natsAddress = environment.natsAddress;
  assertNatsAddress(natsAddress);
  const template = readTemplate(options.overlay);
  const { context, namespace = template.namespace } = options;
  const kubectl = await Kubectl.at({ context, namespace });
  const channel = channelOf(options, template);
  const name = `${kubectl.name}, channel ${channel}, NATS ${redactNatsAddress(natsAddress)}`;
  process.stderr.write(`${name}\n`);
  if (does === 'changes' && !options.yes) await assertMeant(name);
  const cluster = new KubectlTarget(template, kubectl);
  // The first command makes the bucket of the release table, with as many copies as the servers' streams have.
  const replicas = await cluster.natsReplicas().catch((error: Error) => {
    // The answers of NATS can be seen without the cluster.
    if (does === 'changes') throw error;
    return undefined;
  });
  if (replicas !== undefined) environment.adoptReplicas(replicas);
  return { target: targetOf(options, does, template, cluster), channel, natsAddress };
}

/** Without an address nats.js takes that of this machine: a backup would be one of another NATS, and look as if it were done. @throws TargetProblem */
function assertNatsAddress(address: string): void {
  if (parseNatsAddress(address).servers.length > 0) return;
  const what =
    address === '' ? 'empty, as where the command that should read it failed' : 'no address of NATS';
  throw new TargetProblem(`NATS_ADDRESS is ${what}. It looks like nats://user:password@host:4222.`);
}

/** Servers in a cluster belong to the channel that is named like their environment, if their manifests say nothing else. */
function channelOf({ channel, overlay }: Options, { manifests, env }: Template): string {
  const [own, ...others] = channelsOf(manifests);
  if (others.length > 0)
    throw new TargetProblem(
      `All servers of ${overlay} must have one CHANNEL; they have ${[own, ...others].join(', ')}.`,
    );
  if (own !== undefined) assertOwnChannel(channel, own, `the servers of ${overlay}`);
  return channel ?? own ?? env;
}

/** By another channel's table a command would start and remove servers that follow it not at all. @throws TargetProblem */
function assertOwnChannel(said: string | undefined, own: string, servers: string): void {
  if (said === undefined || said === own) return;
  throw new TargetProblem(
    `--channel says ${said}, but ${servers} belong to the channel ${own}, by their variable CHANNEL. Leave --channel out, or name where the servers of ${said} are.`,
  );
}

/** The cluster itself, or the folder that a tool applies to it. */
function targetOf(
  { write, publish }: Options,
  does: 'changes' | 'reads',
  template: Template,
  cluster: KubectlTarget,
): ReleaseTarget {
  if (write === undefined) return cluster;
  if (does === 'changes' && publish === undefined && !process.stdin.isTTY)
    throw new TargetProblem("Nobody can be asked to commit here: say --publish 'git commit … && git push'.");
  const folder = new ManifestFolder(write);
  const tell = (sentence: string): Promise<void> => publishChange(write, sentence, publish);
  return new FolderTarget({ template, cluster, folder, publish: tell });
}

/** Undefined without an `npm start` here, where none is asked for. */
async function devPlace(options: Options): Promise<Place | undefined> {
  const { target } = options;
  const found = await findLauncher(process.cwd());
  if (found.state === 'silent') {
    throw new TargetProblem(
      `"npm start" runs here (process ${found.dev.pid}), but does not answer (${found.reason}). Try again, or say --target kubectl if a cluster is meant; if that process is something else, delete .ccgame/dev.json.`,
    );
  }
  if (found.state === 'answers') {
    const { controlUrl, natsAddress, isStarting, pid } = found.dev;
    if (target === undefined && namesCluster(options))
      throw new TargetProblem(
        `"npm start" (process ${pid}) runs here, and --context, --namespace or --overlay is about a cluster: say --target kubectl or --target dev.`,
      );
    if (isStarting)
      throw new TargetProblem(
        `"npm start" (process ${pid}) is still starting here; try again when it is done.`,
      );
    assertOwnChannel(options.channel, devChannel, 'the servers that "npm start" runs here');
    return {
      target: new DevTarget(controlUrl, process.cwd()),
      channel: devChannel,
      natsAddress,
      launcherPid: pid,
    };
  }
  if (target === 'dev')
    throw new TargetProblem('Nothing was started here by "npm start"; start it, or say --target kubectl.');
  return undefined;
}

/** By an option or its variable: what is said of a cluster must not happen on the laptop instead, and look as if it were done. */
function namesCluster({ context, namespace, overlay }: Options): boolean {
  return context !== undefined || namespace !== undefined || overlay !== defaultOverlay;
}

/** @throws TargetProblem unless a person says yes */
async function assertMeant(name: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new TargetProblem(
      `This would change ${name}. Say --yes if that is meant; here nobody can be asked.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Is that meant? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new TargetProblem('Nothing was changed.');
}
