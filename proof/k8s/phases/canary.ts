import { connect } from '@ccgame/client';
import { surveyServers } from '@ccgame/cli';
import { kubectl, read } from '../cluster.js';
import { gameImage } from '../images.js';
import { connectorOf, countAnswers, httpVersion, login, type Way } from '../doors.js';
import { pause, until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { isServed, names, play, type Stage } from '../stage.js';
import { applyAgainScaled } from './apply-again.js';
import { countByRules } from './rules.js';

const versions = ['1.0.0000', '1.0.0001'];
/** A change of the table reaches the routers within this time. */
const routedMs = 3000;
const weight = 25;
/** Shorter than the kubelet waits for a liveness probe. */
const mostPausedMs = 24_000;
const unknown = 'nobody knows how many players are there';
/** Four standard deviations of 200 throws at 25 %. */
const isQuarterOf200 = (count = 0): boolean => count >= 26 && count <= 74;

export const canary: Phase = {
  line: 5,
  title:
    '1.0.0001 beside 1.0.0000: by header, query, path and weight; promoted, rolled back; 1.0.0000 retired',
  mustBeZero: nothing,
  async run(stage) {
    const { report, release } = stage;
    const since = performance.now();
    const deploy = ['deploy', '1.0.0001', '--image', gameImage('1.0.0001'), '--patience', '120'];
    await interrupt(stage, deploy);
    await release(...deploy);
    await until('1.0.0001 is served', 60_000, () => isServed(stage, '1.0.0001'));
    await play(stage, '1.0.0001');
    const seconds = Math.round((performance.now() - since) / 1000);
    report.check(`1.0.0001 is deployed, and a match is played on it, after ${seconds} s`, true);
    await countNamed(stage);
    await countMatching(stage);
    await countByRules(stage, '1.0.0001');
    await release('canary', '1.0.0001', '--weight', String(weight));
    await countShares(stage);
    await release('promote', '1.0.0001');
    await allGet(stage, 'promoted', '1.0.0001');
    await activeJobs(stage, '1.0.0001');
    await applyAgainScaled(stage);
    await release('rollback');
    await allGet(stage, 'rolled back', '1.0.0000');
    await activeJobs(stage, '1.0.0000');
    await retire(stage);
  },
};

/** Ctrl-C in the midst of a deploy: the servers start on, and the same command goes on with it. */
async function interrupt({ report, watchRelease }: Stage, deploy: string[]): Promise<void> {
  const told = await watchRelease(
    (child) => {
      child.stdout?.on('data', (text: string) => {
        if (text.includes('1.0.0001: ')) child.kill('SIGINT');
      });
    },
    ...deploy,
  ).catch((error: Error) => error.message);
  report.check(
    'a deploy that is interrupted says how it goes on',
    told.includes('once more goes on with it'),
  );
}

/** A client that names a version gets it, by whichever way. */
async function countNamed({ report, url }: Stage): Promise<void> {
  for (const version of versions) {
    const digits = version.replaceAll('.', '');
    const ways: Record<string, Way> = {
      header: { headers: { Version: version } },
      query: { query: { version } },
      path: { prefix: `/v/${version}` },
    };
    for (const [name, way] of Object.entries(ways)) {
      const http = await countAnswers(100, () => httpVersion(url, way));
      report.check(`100 HTTP requests by ${name}: ${JSON.stringify(http)}`, http[version] === 100);
      const sockets = await countAnswers(24, async () => (await connectorOf(url, way)).split('-')[2] ?? '');
      report.check(`24 sockets by ${name}: ${JSON.stringify(sockets)}`, sockets[`v${digits}`] === 24);
    }
  }
}

/** Questions of players of 1.0.0001 to matching are answered by its own servers, and by them alone. */
async function countMatching({ report, operator, url }: Stage): Promise<void> {
  const handled = async (): Promise<number> =>
    (await surveyServers(operator))
      .filter(({ serverType, version }) => serverType === 'matching' && version === '1.0.0001')
      .reduce((sum, { requests }) => sum + requests, 0);
  const before = await handled();
  const { token } = await login(url);
  const client = connect({ url, token, version: '1.0.0001' });
  for (let index = 0; index < 50; index += 1) await client.request('matching.user_leave_matching', undefined);
  client.close();
  const count = (await handled()) - before;
  report.check(`of 50 requests to matching, its servers of 1.0.0001 handled ${count}`, count === 50);
}

async function countShares({ report, url }: Stage): Promise<void> {
  await pause(routedMs);
  const nobody = await countAnswers(100, () => httpVersion(url, {}));
  report.check(
    `100 requests without a token, at weight ${weight}: ${JSON.stringify(nobody)}`,
    nobody['1.0.0000'] === 100,
  );
  const players = await countAnswers(200, () => askedTwice(url));
  report.check(
    `200 players who ask for their version, and three times more: ${JSON.stringify(players)}`,
    isQuarterOf200(players['1.0.0001']) && Object.keys(players).length === 2,
  );
}

/** The version that a new player is told to use, and that answers: all of them where they are not the same. */
async function askedTwice(url: string): Promise<string> {
  const { token } = await login(url);
  const headers = { authorization: `Bearer ${token}` };
  const answers = new Set([await configured(url, token)]);
  for (let time = 0; time < 3; time += 1) answers.add(await httpVersion(url, { headers }));
  return [...answers].join(' and ');
}

/** The version that a new player is told to use. */
async function configured(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/v1/config`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { version: string }).version;
}

async function allGet({ report, url }: Stage, what: string, version: string): Promise<void> {
  await pause(routedMs);
  const players = await countAnswers(50, async () => configured(url, (await login(url)).token));
  const requests = await countAnswers(50, () => httpVersion(url, {}));
  report.check(
    `${what}: 50 new players ${JSON.stringify(players)}, 50 requests ${JSON.stringify(requests)}`,
    players[version] === 50 && requests[version] === 50,
  );
}

interface CronJobs {
  items: Array<{ metadata: { labels: { version: string } }; spec: { suspend?: boolean } }>;
}

/** Exactly one version's CronJobs are active. */
async function activeJobs({ report }: Stage, version: string): Promise<void> {
  const { items } = await read<CronJobs>('cronjobs', '-l', 'serverType=cron');
  const active = items
    .filter(({ spec }) => spec.suspend !== true)
    .map(({ metadata }) => metadata.labels.version);
  report.check(
    `of ${items.length} CronJobs those of ${[...new Set(active)].join()} are active`,
    active.length === items.length / 2 && active.every((one) => one === version),
  );
}

/** A job that has run leaves its pod, and a connector that is held up its players: neither is taken for what it is not. */
async function retire(stage: Stage): Promise<void> {
  const { report, release, watchRelease } = stage;
  await release('promote', '1.0.0001');
  await kubectl('create', 'job', 'proof-done', '--from=cronjob/test-cron-prod-v100000');
  await kubectl('wait', '--for=condition=Complete', 'job/proof-done', '--timeout=120s');
  const [connector = ''] = await names('serverType=connector,version=1.0.0000');
  await signal(connector, 'STOP');
  const since = performance.now();
  let told = '';
  const retired = watchRelease(
    ({ stdout }) => stdout?.on('data', (text: string) => (told += text)),
    'retire',
    '1.0.0000',
  );
  await until('the paused connector is missed', mostPausedMs, () => Promise.resolve(told.includes(unknown)))
    .catch(() => {})
    .finally(() => signal(connector, 'CONT'));
  const printed = await retired;
  const jobs = await kubectl('get', 'cronjob', '-l', 'version=1.0.0000', '-o', 'name');
  const left = [
    ...(await names('version=1.0.0000,serverType in (http,connector,matching)')),
    ...jobs.split('\n').filter(Boolean),
  ];
  const seconds = Math.round((performance.now() - since) / 1000);
  report.say(printed.trim());
  report.check(`${connector} was paused, and was waited for`, printed.includes(unknown));
  report.check(
    `1.0.0000 is retired when empty, after ${seconds} s, with the pod of a job still there: ${left.length} pods and CronJobs left`,
    left.length === 0,
  );
  const { items } = await read<CronJobs>('cronjobs', '-l', 'version=1.0.0000');
  report.check(`its CronJobs are gone with it: ${items.length} left`, items.length === 0);
  await kubectl('delete', 'job', 'proof-done', '--ignore-not-found');
  await until('a match is played', 60_000, () => play(stage, '1.0.0001').then(() => true));
}

/** PID 1 is tini, and Node its child. */
async function signal(pod: string, name: string): Promise<void> {
  await kubectl('exec', pod, '--', 'sh', '-c', `kill -${name} $(cat /proc/1/task/1/children)`);
}
