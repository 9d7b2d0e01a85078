import type { NatsConnection } from '@nats-io/nats-core';
import {
  assertArchive,
  type BackedUpStream,
  type BackupHead,
  deleteStreams,
  findStreams,
  readBackup,
  restoreFromFolder,
  type StandingStreams,
  tryRoomFor,
} from '@ccgame/jetstream';
import { environment } from '../environment.js';
import type { OperatorOptions } from '../operate/operator-options.js';
import { chooseTarget } from '../release/choose-target.js';
import { openNats } from '../release/connect-loaded.js';
import { surveyServers } from '../release/survey.js';
import type { ReleaseTarget } from '../release/targets/target.js';
import { withRights } from '../release/with-rights.js';
import { showStreams } from './back-up.js';

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface RestoreOptions extends OperatorOptions {
  only?: string[];
  replace: boolean;
  replicas?: number;
}

/** The backup can't be restored as things stand; nothing was changed. */
export class RestoreProblem extends Error {}

/** The restore broke off. The message says which streams are to be restored still. */
export class RestoreBrokeOff extends Error {}

/** @throws as `restoreInto` */
export async function restoreBackup(folder: string, options: RestoreOptions): Promise<void> {
  const { natsAddress, target } = await chooseTarget(options, 'changes');
  const nats = await openNats(natsAddress);
  try {
    // In a cluster that is what the servers' streams are made with.
    const replicas = options.replicas ?? environment.replicas;
    const restore = (): Promise<BackedUpStream[]> =>
      restoreInto(nats, folder, { ...options, replicas }, target);
    showStreams(await withRights(nats, restore), options.json);
  } finally {
    await nats.close();
  }
}

/**
 * Makes the streams of a backup again. Servers would make empty ones in their place and write into them, and have their own
 * memory of what was: all must be stopped. One stream gives way after the other, each just before its successor is made.
 *
 * @throws RestoreProblem, and BackupDamaged, before anything is changed; RestoreBrokeOff after that
 */
export async function restoreInto(
  nats: NatsConnection,
  folder: string,
  { only, replace, replicas }: Pick<RestoreOptions, 'only' | 'replace' | 'replicas'>,
  target: Pick<ReleaseTarget, 'servers'>,
): Promise<BackedUpStream[]> {
  const heads = chosen(await readBackup(folder), folder, only);
  for (const head of heads) await assertArchive(folder, head);
  await assertNoServers(nats, target);
  const standing = await findStanding(nats, heads, replace);
  await assertRoom(nats, heads, standing, replicas);
  const restored: BackedUpStream[] = [];
  const left = (): BackupHead[] => heads.slice(restored.length);
  return tellingWhatIsLeft(left, async () => {
    for (const head of heads) {
      const { name } = head.config;
      try {
        if (standing.has(name)) await deleteStreams(nats, [name]);
        restored.push(await restoreFromFolder(nats, folder, head, replicas));
      } catch (cause) {
        throw brokeOff(left(), cause);
      }
    }
    return restored;
  });
}

/** A person who ends the command learns what it leaves, too: a stream may be deleted, and not restored yet. */
async function tellingWhatIsLeft<T>(left: () => BackupHead[], work: () => Promise<T>): Promise<T> {
  const interrupted = (signal: NodeJS.Signals): void => {
    process.stderr.write(`\n${brokeOff(left(), signal).message}\n`);
    process.exit(130);
  };
  for (const signal of endSignals) process.once(signal, interrupted);
  try {
    return await work();
  } finally {
    for (const signal of endSignals) process.off(signal, interrupted);
  }
}

function brokeOff([head, ...rest]: BackupHead[], cause: unknown): RestoreBrokeOff {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const names = [head, ...rest].map(({ config }) => config.name).join(',');
  return new RestoreBrokeOff(
    `${head.config.name} could not be restored (${reason}) and may be missing now. Run the same command again with --only ${names}.`,
    { cause },
  );
}

/** @throws RestoreProblem */
async function assertRoom(
  nats: NatsConnection,
  heads: BackupHead[],
  standing: StandingStreams,
  replicas?: number,
): Promise<void> {
  const copies = replicas ?? Math.max(...heads.map(({ config }) => config.num_replicas));
  const reason = await tryRoomFor(nats, heads, standing, copies);
  if (reason !== undefined)
    throw new RestoreProblem(`NATS would not take the backup: ${reason}. Nothing was changed.`);
}

function chosen(heads: BackupHead[], folder: string, only?: string[]): BackupHead[] {
  const names = heads.map(({ config }) => config.name);
  const missing = only?.filter((name) => !names.includes(name)) ?? [];
  if (missing.length > 0)
    throw new RestoreProblem(`${folder} has no ${missing.join(', ')}; it has ${names.join(', ')}.`);
  return heads.filter(({ config }) => only?.includes(config.name) ?? true);
}

/** A server that does not answer now writes all the same when it is well again, so the place where it runs has to know of none (decision 070). */
async function assertNoServers(nats: NatsConnection, target: Pick<ReleaseTarget, 'servers'>): Promise<void> {
  const [heard, { instances }] = await Promise.all([surveyServers(nats), target.servers()]);
  const running = [...heard, ...instances.filter(({ lostNode }) => lostNode === undefined)];
  if (running.length === 0) return;
  const names = [...new Set(running.map(({ serverId }) => serverId))].sort();
  throw new RestoreProblem(
    `These servers run, and would go on with what they remember: ${names.join(', ')}. Scale all to 0 first, and wait until they are gone.`,
  );
}

/**
 * The streams that are to give way: empty ones, as the server type `storage` makes them, and where it `replaces`
 * the others too.
 *
 * @throws RestoreProblem
 */
async function findStanding(
  nats: NatsConnection,
  heads: BackupHead[],
  replaces: boolean,
): Promise<StandingStreams> {
  const names = heads.map(({ config }) => config.name);
  const standing = await findStreams(nats, names);
  const full = [...standing].filter(([, { state }]) => state.messages > 0).map(([name]) => name);
  if (full.length > 0 && !replaces)
    throw new RestoreProblem(
      `There is something in ${full.join(', ')}. Say --replace to delete it, or --only for the others.`,
    );
  return standing;
}
