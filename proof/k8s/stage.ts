import type { ChildProcess } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { awaitGone, awaitReady, Kubectl, KubectlTarget, readTemplate } from '@ccgame/cli';
import { playGame } from '#game/play-through.js';
import { accountOfReleases, natsTls, provideNatsTls } from './access.js';
import { certificate, natsCertificate } from './certificate.js';
import {
  kubectl,
  localManifests,
  type NatsKind,
  PortForward,
  provideSecrets,
  run,
  withoutTls,
} from './cluster.js';
import { openGateway } from './gateway.js';
import { provideImages, useRegistry } from './images.js';
import { pause, until } from './pause.js';
import type { Report } from './report.js';

const channel = 'production';
const readyMs = 180_000;
/** A port-forward takes some time to be there. */
const renewMs = 3_000;

/** The workloads of version 1.0.0000. */
export const http = 'deployment/http-prod-v100000';
export const connector = 'statefulset/connector-prod-v100000';
export const matching = 'statefulset/matching-prod-v100000';

/** The cluster and the tools that the phases of the proof work on. */
export interface Stage {
  report: Report;
  /** Where players come in: by TLS where the Gateway takes it. */
  url: string;
  /** The manifests as they were applied. */
  folder: string;
  /** The key that a game server shows. */
  serverKey: string;
  /** A connection of the operator's to the NATS of the cluster. */
  operator: NatsConnection;
  operatorAddress: string;
  /** Resolves when NATS is reached through its port, which may lead to a pod that was replaced. */
  reachNats: () => Promise<void>;
  /** The file of kubectl with the rights that CI has. */
  rightsOfReleases: string;
  /** Runs `ccgame release …` with the rights that CI has, and gives what it printed. @throws Error */
  release: (...args: string[]) => Promise<string>;
  /** The same with the rights of whoever runs the proof. */
  releaseByOwner: (...args: string[]) => Promise<string>;
  /** As `release`, under a look at the process. */
  watchRelease: (watch: (child: ChildProcess) => void, ...args: string[]) => Promise<string>;
}

export interface StageOptions {
  areImagesThere: boolean;
  nats: NatsKind;
}

/** Brings the images and version 1.0.0000 to the cluster, as a first `kubectl apply` would, and empties the release table. */
export async function setUp(report: Report, options: StageOptions): Promise<Stage> {
  if (!options.areImagesThere) await checkImages(report);
  const folder = localManifests('k8s', options.nats);
  await useRegistry(folder);
  const url = await openGateway(report, folder);
  if (url.startsWith('http:')) withoutTls(folder);
  const { serverKey, operatorPassword } = await provideSecrets(folder);
  await provideNatsTls();
  await kubectl('apply', '-k', folder);
  await rolledOut('statefulset/nats');
  const forward = await PortForward.open('service/nats', 4222);
  const operatorAddress = `nats://operator:${operatorPassword}@127.0.0.1:${forward.port}`;
  const operator = await openOperator(forward, operatorPassword);
  const ccgame = `${process.cwd()}/libs/cli/bin/ccgame.mjs`;
  const cwd = dirname(folder);
  const rightsOfReleases = await accountOfReleases(cwd);
  const env = {
    ...process.env,
    NATS_ADDRESS: operatorAddress,
    NATS_TLS_CA: resolve(natsCertificate.ca),
    // Relative to another folder than this.
    NODE_EXTRA_CA_CERTS: resolve(certificate.crt),
  };
  const reachNats = async (): Promise<void> => (await openOperator(forward, operatorPassword)).close();
  const releaseWith =
    (KUBECONFIG: string | undefined): Stage['watchRelease'] =>
    async (watch, ...args) => {
      await reachNats();
      const options = { cwd, env: { ...env, KUBECONFIG } };
      return run('node', [ccgame, 'release', ...args, '--target', 'kubectl', '--yes'], options, watch);
    };
  const watchRelease = releaseWith(rightsOfReleases);
  const release: Stage['release'] = (...args) => watchRelease(() => {}, ...args);
  const releaseByOwner: Stage['release'] = (...args) =>
    releaseWith(process.env.KUBECONFIG)(() => {}, ...args);
  await firstRelease(operator, folder);
  await rolledOut(http, connector, matching);
  const stage = {
    report,
    url,
    folder,
    serverKey,
    operator,
    operatorAddress,
    reachNats,
    rightsOfReleases,
    release,
    releaseByOwner,
    watchRelease,
  };
  await until('1.0.0000 is served', readyMs, () => isServed(stage, '1.0.0000'));
  return stage;
}

/** The base image, the better part of it, leaves 30 MB to us. */
const mostMb = 250;

async function checkImages(report: Report): Promise<void> {
  const { first, again } = await provideImages();
  report.figure('the image', first);
  report.check(`the image has ${first.unpackedMb} MB, fewer than ${mostMb}`, first.unpackedMb < mostMb);
  const isSame = String(first.layers) === String(again.layers);
  report.check('a second build from nothing has the same layers', isSame);
}

async function openOperator(forward: PortForward, password: string): Promise<NatsConnection> {
  let operator: NatsConnection | undefined;
  await until('NATS is reached through its port', readyMs, async () => {
    try {
      operator = await connect({
        servers: `127.0.0.1:${forward.port}`,
        user: 'operator',
        pass: password,
        tls: natsTls,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
      });
    } catch (error) {
      forward.renew();
      await pause(renewMs);
      throw error;
    }
    return true;
  });
  return operator as NatsConnection;
}

/** A table that knows 1.0.0000 alone, whatever an earlier proof left. */
export async function firstRelease(operator: NatsConnection, folder: string): Promise<void> {
  const store = await ReleaseStore.open(operator);
  const note = { who: 'test:k8s', why: 'a fresh proof', action: 'init' };
  const table = firstTable(channel, '1.0.0000');
  const template = readTemplate(join(folder, 'release'));
  const target = new KubectlTarget(template, await Kubectl.at({ namespace: template.namespace }));
  await target.start('1.0.0000', {});
  const types = template.serverTypes;
  await awaitReady(target, { version: '1.0.0000', types, patienceMs: readyMs });
  if (await store.readTable(channel)) await store.changeTable(channel, () => table, note);
  else await store.writeFirstTable(table, note);
  await target.follow(table);
  await target.stop('1.0.0001');
  await awaitGone(target, '1.0.0001');
}

export async function rolledOut(...workloads: string[]): Promise<void> {
  for (const workload of workloads)
    await kubectl('rollout', 'status', workload, `--timeout=${readyMs / 1000}s`);
}

/** A Ready pod reaches the routing tables some seconds later: the first right answer is waited for. */
export async function isServed({ url }: Stage, version: string): Promise<boolean> {
  const answers = async (headers: Record<string, string>): Promise<boolean> =>
    (await fetch(`${url}/v1/config`, { headers, signal: AbortSignal.timeout(10_000) })).ok;
  // A route of its own for clients that name no version: it may be there later.
  return (await answers({ version })) && (await answers({}));
}

/** @throws Error with a sentence that says which answer was wrong */
export async function play({ url, serverKey }: Stage, version: string): Promise<void> {
  await playGame({ url, version, serverKey }, (_, work) => work());
}

export async function names(selector: string): Promise<string[]> {
  const printed = await kubectl(
    'get',
    'pods',
    '-l',
    selector,
    '-o',
    'name',
    '--field-selector=status.phase=Running',
  );
  return printed
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((name) => name.replace('pod/', ''));
}
