import 'reflect-metadata';
import { connect } from '@nats-io/transport-node';
import {
  addVersion,
  firstTable,
  markLive,
  promote,
  ReleaseStore,
  setCanary,
  type TableChange,
} from '#releases';
import { playGame } from '../../cli/src/dev/game.js';
import { KubectlTarget } from '../../cli/src/release/targets/kubectl-target.js';
import { Publisher } from '../torture/publisher.js';
import { kubectl, localManifests, PortForward, provideImages } from './cluster.js';
import { type Account, Robots } from './robots.js';

/**
 * `npm run test:k8s`: the manifests proven on the cluster of the current kubectl context, with robots playing through the
 * Ingress all the while. Prints the figures of each proof; exit code 1 when one of them failed.
 */
const url = 'http://localhost';
const serverKey = 'example-server-key-change-me-000000';
const robotCount = 8;
const channel = 'production';
const failures: string[] = [];

interface Stage {
  folder: string;
  natsPort: number;
  store: ReleaseStore;
  target: KubectlTarget;
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

function expect(what: string, isTrue: boolean): void {
  say(`${isTrue ? '✓' : '✗'} ${what}`);
  if (!isTrue) failures.push(what);
}

const nats = (user: string, port: number): string =>
  `nats://${user}:example-${user}-password@127.0.0.1:${port}`;

interface Promised {
  promise: string;
  holds(account: Account): boolean;
}

/** A planned change is noticed by nobody. */
const isFlawless: Promised = {
  promise: '0 failed requests, 0 lost, duplicated or reordered pushes',
  holds: ({ httpFailed, ...account }) =>
    httpFailed === 0 && isWholeOnSockets.holds({ httpFailed, ...account }),
};

/** A killed http server takes the requests along that it was answering, and the router needs a moment to see it. */
const isWholeOnSockets: Promised = {
  promise: '0 failed socket requests, 0 lost, duplicated or reordered pushes',
  holds: ({ socketFailed, lost, duplicated, reordered }) =>
    socketFailed + lost + duplicated + reordered === 0,
};

/** Robots play while `work` runs; nothing may go wrong for them. */
async function whilePlaying(
  name: string,
  { natsPort }: Stage,
  work: () => Promise<void>,
  isGood = isFlawless,
): Promise<Account> {
  const publisher = await Publisher.open(nats('operator', natsPort));
  const robots = new Robots(url, publisher, undefined);
  await robots.start(robotCount);
  await pause(2000);
  await work();
  await pause(3000);
  const account = await robots.stop();
  await publisher.close();
  say(`  ${JSON.stringify(account)}`);
  expect(`${name}: ${isGood.promise}`, isGood.holds(account));
  return account;
}

async function setUp(): Promise<Stage> {
  const size = await provideImages(['ccgame:1.0.0000', 'ccgame:1.0.0000-b', 'ccgame:1.0.0001']);
  say(`the image is ${Math.round(Number(size) / 1e6)} MB unpacked`);
  const folder = localManifests('k8s');
  await kubectl('apply', '-k', folder);
  await kubectl('apply', '-k', `${folder}/ingress/gateway-api`);
  await rolledOut(
    'deployment/http-prod-v100000',
    'statefulset/connector-prod-v100000',
    'statefulset/matching-prod-v100000',
  );
  const forward = await PortForward.open('nats', 4222);
  await pause(2500);
  const connection = await connect({
    servers: nats('operator', forward.port),
    ...credentials('operator'),
    maxReconnectAttempts: -1,
  });
  const store = await ReleaseStore.open(connection);
  const note = { who: 'test:k8s', why: 'a fresh proof', action: 'init' };
  const table = firstTable(channel, '1.0.0000');
  if (await store.read(channel)) await store.change(channel, () => table, note);
  else await store.init(table, note);
  const target = new KubectlTarget(folder);
  await target.follow(table);
  return { folder, natsPort: forward.port, store, target };
}

const credentials = (user: string): { user: string; pass: string } => ({
  user,
  pass: `example-${user}-password`,
});

async function rolledOut(...workloads: string[]): Promise<void> {
  for (const workload of workloads) await kubectl('rollout', 'status', workload, '--timeout=180s');
}

async function change({ store, target }: Stage, action: string, tableChange: TableChange): Promise<void> {
  const { table } = await store.change(channel, tableChange, { who: 'test:k8s', why: 'a proof', action });
  await target.follow(table);
}

/** A Ready pod reaches the routing tables some seconds later: the first right answer is waited for. */
async function untilServed(version: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/v1/config`, { headers: { version } }).catch(() => undefined);
    if (answer?.ok) return;
    await pause(300);
  }
}

async function play(version: string): Promise<void> {
  await playGame({ url, version, serverKey }, (_, work) => work());
}

async function labels(): Promise<void> {
  const pods = await kubectl('get', 'pods', '-l', 'serverType in (http,connector,matching)', '-o', 'name');
  for (const pod of pods.trim().split('\n')) {
    const printed = await kubectl('exec', pod, '--', 'printenv', 'SERVER_ID', 'SERVER_TYPE', 'VERSION');
    const [id, type, version = ''] = printed.trim().split('\n');
    const name = pod.replace('pod/', '');
    expect(
      `${name} knows who it is`,
      id === name && name.startsWith(`${type}-prod-`) && /^\d+\.\d+\.\d{4}$/.test(version),
    );
  }
}

async function rollHttp(): Promise<void> {
  await kubectl('set', 'image', 'deployment/http-prod-v100000', 'http=ccgame:1.0.0000-b');
  await rolledOut('deployment/http-prod-v100000');
  await kubectl('rollout', 'undo', 'deployment/http-prod-v100000');
  await rolledOut('deployment/http-prod-v100000');
}

async function replaceConnectors(): Promise<void> {
  for (const ordinal of [0, 1, 2]) {
    await kubectl('delete', 'pod', `connector-prod-v100000-${ordinal}`, '--wait=true');
    await rolledOut('statefulset/connector-prod-v100000');
    await pause(2500);
  }
  await kubectl('set', 'image', 'statefulset/connector-prod-v100000', 'connector=ccgame:1.0.0000-b');
  await rolledOut('statefulset/connector-prod-v100000');
}

async function canary(stage: Stage): Promise<void> {
  await change(stage, 'deploy 1.0.0001', addVersion('1.0.0001'));
  await stage.target.deploy('1.0.0001', {});
  await change(stage, 'live 1.0.0001', markLive('1.0.0001'));
  await untilServed('1.0.0001');
  await play('1.0.0001');
  expect('1.0.0001 plays beside 1.0.0000, by the Version header', true);
  const byQuery = await fetch(`${url}/v1/config?version=1.0.0001`);
  expect('… and by query', byQuery.ok);
  await change(stage, 'canary', setCanary('1.0.0001', { weight: 25 }));
  const counts = await countChosen(200);
  say(`  of 200 players at weight 25: ${JSON.stringify(counts)}`);
  expect(
    'a weight of 25 % gives 10 to 40 % of 200 players to the canary',
    counts['1.0.0001'] > 20 && counts['1.0.0001'] < 80,
  );
}

async function countChosen(players: number): Promise<Record<string, number>> {
  await pause(2500);
  const counts: Record<string, number> = {};
  for (let index = 0; index < players; index += 1) {
    const login = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `chosen-${Date.now()}-${index}` }),
    });
    const { token } = (await login.json()) as { token: string };
    const config = await fetch(`${url}/v1/config`, { headers: { authorization: `Bearer ${token}` } });
    const { version } = (await config.json()) as { version: string };
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

async function scaleConnectors(): Promise<void> {
  // The autoscaler would undo it at once.
  await kubectl('delete', 'hpa', 'connector-prod-v100000', '--ignore-not-found');
  for (const replicas of [5, 2]) {
    await kubectl('scale', 'statefulset/connector-prod-v100000', `--replicas=${replicas}`);
    await rolledOut('statefulset/connector-prod-v100000');
    await pause(3000);
  }
}

/** PID 1 is tini; its child is Node. SIGKILL to it ends the container, as the out-of-memory killer does. */
async function killProcesses(): Promise<void> {
  const kill = ['--', 'sh', '-c', 'kill -9 $(cat /proc/1/task/1/children)'];
  const [http = ''] = (
    await kubectl('get', 'pods', '-l', 'serverType=http,version=1.0.0000', '-o', 'name')
  ).split('\n');
  for (const pod of ['pod/connector-prod-v100000-0', http]) {
    await kubectl('exec', pod, ...kill).catch(() => {});
    const since = performance.now();
    await kubectl('wait', '--for=condition=Ready=false', pod, '--timeout=10s').catch(() => {});
    await kubectl('wait', '--for=condition=Ready', pod, '--timeout=90s');
    say(`  ${pod} is ready again after ${Math.round(performance.now() - since)} ms`);
  }
}

/** The single NATS has no volume: what was stored is gone, and everything must come up anew by itself. */
async function restartNats(): Promise<void> {
  await kubectl('delete', 'pod', 'nats-0', '--grace-period=1');
  const since = performance.now();
  await rolledOut('statefulset/nats');
  for (;;) {
    const isPlayed = await play('1.0.0000').then(
      () => true,
      () => false,
    );
    if (isPlayed) break;
    if (performance.now() - since > 120_000) break;
    await pause(500);
  }
  const ms = Math.round(performance.now() - since);
  expect(`7: a game is played ${ms} ms after the NATS pod was deleted`, ms < 120_000);
}

async function cron(): Promise<void> {
  await kubectl('delete', 'job', 'proof', '--ignore-not-found');
  await kubectl('create', 'job', '--from=cronjob/test-cron', 'proof');
  await kubectl('wait', '--for=condition=complete', 'job/proof', '--timeout=60s');
  expect('the CronJob’s job runs to its end', true);
}

async function permissions({ natsPort }: Stage): Promise<void> {
  const connection = await connect({ servers: `127.0.0.1:${natsPort}`, ...credentials('connector') });
  const refused = new Promise<boolean>((resolve) => {
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') resolve(true);
    })();
    setTimeout(() => resolve(false), 3000).unref();
  });
  connection.publish('rpc.any.matching.1_0_0000.anything', 'x');
  await connection.flush();
  expect('NATS refuses a connector that calls a server-only handler', await refused);
  await connection.close();
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function prove(): Promise<void> {
  const stage = await setUp();
  await untilServed('1.0.0000');
  await play('1.0.0000');
  expect('1: every pod is ready and a match is played', true);
  await labels();
  await whilePlaying('2: http rolls to a new image and back', stage, rollHttp);
  await whilePlaying(
    '3: every connector is deleted in turn, then the image changes',
    stage,
    replaceConnectors,
  );
  await whilePlaying('5: a canary beside', stage, () => canary(stage));
  await whilePlaying('5: promoted and rolled back', stage, async () => {
    await change(stage, 'promote', promote('1.0.0001'));
    await pause(3000);
    await change(stage, 'rollback', promote('1.0.0000'));
  });
  await whilePlaying('6: connectors are scaled 3 → 5 → 2', stage, scaleConnectors);
  await whilePlaying(
    '7: Node is killed in a connector’s and in an http container',
    stage,
    killProcesses,
    isWholeOnSockets,
  );
  await restartNats();
  await cron();
  await permissions(stage);
  await stage.target.remove('1.0.0001');
}

try {
  await prove();
} catch (error) {
  failures.push(String(error));
  console.error(error);
}
console.log(failures.length === 0 ? 'All proofs hold.' : `Failed:\n${failures.join('\n')}`);
process.exit(failures.length === 0 ? 0 : 1);
