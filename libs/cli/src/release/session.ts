import { userInfo } from 'node:os';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { parseNatsAddress } from '@ccgame/config';
import { type ChangeNote, ReleaseStore, type StoredRelease, type TableChange } from '@ccgame/releases';
import { NatsProblem } from '@ccgame/testing';
import { devChannel, readDevFile } from '../dev/dev-file.js';
import { DevTarget } from './targets/dev-target.js';
import { readTemplate } from './render/template.js';
import { KubectlTarget } from './targets/kubectl-target.js';
import type { ReleaseTarget } from './targets/target.js';

/** The options that every command has. */
export interface GlobalOptions {
  channel?: string;
  why: string;
  /** Where the servers run: what `npm start` started, or the cluster of the current kubectl context. */
  target?: 'dev' | 'kubectl';
  /** The kustomization that versions and their routes are rendered from. */
  overlay: string;
  context?: string;
  namespace?: string;
}

/** The things that a command works with: the table's store and the place where the servers run. */
export interface ReleaseSession {
  nats: NatsConnection;
  store: ReleaseStore;
  target: ReleaseTarget;
  channel: string;
  /** Changes the table, tells who and why, and lets the routes follow. */
  change(action: string, change: TableChange): Promise<StoredRelease>;
  note(action: string): ChangeNote;
}

interface ClusterTarget {
  channel: string;
  target: ReleaseTarget;
}

/** Opens a session, runs the work, and closes whatever it opened. */
export async function withSession<T>(
  options: GlobalOptions,
  work: (session: ReleaseSession) => Promise<T>,
): Promise<T> {
  const dev = await readDevFile(process.cwd());
  const isDev = options.target ? options.target === 'dev' : dev !== undefined;
  if (isDev && !dev)
    throw new NatsProblem('Nothing was started here by "npm start"; start it, or say --target kubectl.');
  const address = isDev && dev ? dev.natsAddress : (process.env.NATS_ADDRESS ?? 'nats://127.0.0.1:4222');
  const { servers, user, pass, token } = parseNatsAddress(address);
  // A guard or a retirement goes on when NATS was away for a moment.
  const patience = { timeout: 3000, maxReconnectAttempts: -1, reconnectTimeWait: 500 };
  const nats = await connect({ servers, user, pass, token, ...patience }).catch((error: Error) => {
    throw NatsProblem.unreachable(servers.join(','), error.message);
  });
  try {
    const place: ClusterTarget =
      isDev && dev
        ? { channel: devChannel, target: new DevTarget(dev.controlUrl, process.cwd()) }
        : await clusterOf(options);
    const { target } = place;
    const store = await ReleaseStore.open(nats);
    const channel = options.channel ?? place.channel;
    const note = (action: string): ChangeNote => ({ action, who: whoami(), why: options.why });
    const change = async (action: string, tableChange: TableChange): Promise<StoredRelease> => {
      const stored = await store.changeTable(channel, tableChange, note(action));
      await target.follow(stored.table);
      return stored;
    };
    return await work({ nats, store, target, channel, change, note });
  } finally {
    await nats.close();
  }
}

/** Servers in a cluster belong to the channel that is named like their environment. */
async function clusterOf({ overlay, context, namespace }: GlobalOptions): Promise<ClusterTarget> {
  const template = readTemplate(overlay);
  const target = new KubectlTarget(template, { context, namespace });
  // The first command makes the bucket of the release table, with as many copies as the servers' streams have.
  process.env.NATS_REPLICAS ??= await target.natsReplicas();
  return { channel: template.env, target };
}

/** In CI the account says little; the variables of the usual systems say more. */
function whoami(): string {
  return (
    process.env.GITHUB_ACTOR ?? process.env.GITLAB_USER_LOGIN ?? process.env.BUILD_USER ?? userInfo().username
  );
}
