import { apply, kubectl, read } from '../cluster.js';
import { pause, until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { http, names, play, type Stage } from '../stage.js';
import { pullFromRegistry } from './registry.js';

interface PodTemplate {
  spec: { template: { metadata: { labels: Record<string, string> }; spec: { containers: object[] } } };
}

/** Every pod knows who it is, a match is played, and PID 1 of the image is what it has to be. */
export const ready: Phase = {
  line: 1,
  title: 'all pods are ready, a match is played, SERVER_ID, SERVER_TYPE and VERSION are right in every pod',
  mustBeZero: nothing,
  async run(stage) {
    // A robot that waits for a duel may be matched with one of the two who play.
    await until('a match is played', 60_000, () => play(stage, '1.0.0000').then(() => true));
    stage.report.check('a match is played through the Ingress', true);
    await labels(stage);
    await spread(stage);
    await pullFromRegistry(stage);
    await firstProcess(stage);
  },
};

async function labels({ report }: Stage): Promise<void> {
  const pods = await names('serverType in (http,connector,matching,arena,storage)');
  for (const name of pods) {
    const printed = await kubectl('exec', name, '--', 'printenv', 'SERVER_ID', 'SERVER_TYPE', 'VERSION');
    const [id, type, version] = printed.trim().split('\n');
    const isRight = id === name && name.startsWith(`${type}-prod-v100000-`) && version === '1.0.0000';
    report.check(`${name} knows who it is`, isRight);
  }
  report.figure('pods', { ready: pods.length });
}

interface Stopped {
  status: { containerStatuses: Array<{ lastState: { terminated?: { exitCode: number } } }> };
}

interface Placed {
  items: Array<{ spec: { nodeName: string } }>;
}

/** Where there is more than one node, none has all servers of a type. */
async function spread({ report }: Stage): Promise<void> {
  const { items } = await read<{ items: object[] }>('nodes');
  if (items.length === 1) return;
  for (const type of ['http', 'connector', 'matching']) {
    const pods = await read<Placed>('pods', '-l', `serverType=${type},env=production`);
    const nodes = pods.items.map(({ spec }) => spec.nodeName);
    report.check(`${type} is on ${nodes.join(', ')}`, new Set(nodes).size > 1);
  }
}

/** A server that npm starts, as cron's jobs are: the signal has to reach Node, and orphans have to be reaped. */
async function firstProcess({ report }: Stage): Promise<void> {
  const { spec } = await read<PodTemplate>(http);
  const [container] = spec.template.spec.containers;
  const args = ['npm', 'run', '--silent', 'start:http'];
  await kubectl('delete', 'pod', 'http-proof', '--ignore-not-found');
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    // No Service selects `env: proof`.
    metadata: { name: 'http-proof', labels: { ...spec.template.metadata.labels, env: 'proof' } },
    spec: { ...spec.template.spec, containers: [{ ...container, args }] },
  });
  await kubectl('wait', '--for=condition=Ready', 'pod/http-proof', '--timeout=60s');

  await kubectl('exec', 'http-proof', '--', 'sh', '-c', 'for i in 1 2 3 4 5; do (sleep 0.2 &) ; done');
  await pause(1500);
  const states = await kubectl('exec', 'http-proof', '--', 'sh', '-c', 'cat /proc/[0-9]*/stat');
  const zombies = states.split('\n').filter((line) => / Z /.test(line)).length;
  report.check(`of 5 orphans that ended, ${zombies} are zombies`, zombies === 0);

  const since = performance.now();
  await kubectl('exec', 'http-proof', '--', 'sh', '-c', 'kill -TERM 1');
  let code: number | undefined;
  await until('its container has ended', 60_000, async () => {
    const { status } = await read<Stopped>('pod', 'http-proof');
    code = status.containerStatuses[0]?.lastState.terminated?.exitCode;
    return code !== undefined;
  });
  const ms = Math.round(performance.now() - since);
  // 0 is a server's that stopped in order; a signal that nobody takes gives 143.
  report.check(`SIGTERM reaches Node through tini and npm: exit code ${code} after ${ms} ms`, code === 0);
  await kubectl('delete', 'pod', 'http-proof', '--wait=true');
}
