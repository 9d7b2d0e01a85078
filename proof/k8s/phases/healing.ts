import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { kubectl, read } from '../cluster.js';
import { pause, until } from '../pause.js';
import { nothing, nothingPromised, type Phase } from '../phase.js';
import {
  connector,
  firstRelease,
  http,
  isServed,
  matching,
  names,
  play,
  rolledOut,
  type Stage,
} from '../stage.js';

export const killProcesses: Phase = {
  line: 7,
  title: 'Node is killed in a container of each type',
  mustBeZero: nothingPromised,
  async run(stage) {
    for (const type of ['http', 'connector', 'matching']) {
      const [pod = ''] = await names(`serverType=${type},version=1.0.0000`);
      await kill(stage, pod);
    }
  },
};

interface Pod {
  status: { containerStatuses?: Array<{ restartCount: number; ready: boolean }> };
}

/** PID 1 is tini, and Node its child. SIGKILL to Node ends the container, as the out-of-memory killer does. */
async function kill({ report }: Stage, pod: string): Promise<void> {
  const container = async (): Promise<{ restartCount: number; ready: boolean }> =>
    (await read<Pod>('pod', pod)).status.containerStatuses?.[0] ?? { restartCount: 0, ready: false };
  const { restartCount } = await container();
  await kubectl('exec', pod, '--', 'sh', '-c', 'kill -9 $(cat /proc/1/task/1/children)').catch(() => {});
  const ms = await until(`${pod} is ready again`, 120_000, async () => {
    const now = await container();
    return now.ready && now.restartCount > restartCount;
  });
  report.check(`${pod} is ready again ${ms} ms after its process was killed`, true);
}

/** Decision 347: everybody is connected again after 2 to 4 s, and waits for so long. */
const mostOutageMs = 10_000;
/** The same, and a game, and what kubectl takes to see that the pod is ready. */
const mostUntilPlayedMs = 15_000;

/**
 * The NATS of `nats/single` has no volume: what was stored is gone, a ticket that was open too, and everything must come up anew
 * by itself.
 */
export const deleteNats: Phase = {
  line: 7,
  title: 'the NATS pod is deleted, and its store with it',
  mustBeZero: [],
  mostOutageMs,
  isWithoutPushes: true,
  async run(stage) {
    const { report, operator, folder, reachNats } = stage;
    await kubectl('delete', 'pod', 'nats-0', '--grace-period=0', '--force');
    const since = performance.now();
    await rolledOut('statefulset/nats');
    const nats = Math.round(performance.now() - since);
    await until('a game is played', 120_000, () => play(stage, '1.0.0000').then(() => true));
    const played = Math.round(performance.now() - since);
    report.check(
      `a game is played ${played} ms after NATS was deleted, within ${mostUntilPlayedMs}; it was ready after ${nats} ms`,
      played < mostUntilPlayedMs,
    );
    await rolledOut(http, connector, matching);
    await reachNats();
    await until('the operator is connected again', 60_000, () => operator.flush().then(() => true));
    await firstRelease(operator, folder);
    await until('1.0.0000 is served', 60_000, () => isServed(stage, '1.0.0000'));
  },
};

/** With `nats/cluster` the two others go on; a pod that comes back without its volume gets everything from them. */
export const replaceNats: Phase = {
  line: 7,
  title: 'each pod of the NATS cluster is deleted, by its turn',
  mustBeZero: nothing,
  async run({ report, operator, reachNats }) {
    for (const index of [0, 1, 2]) {
      await kubectl('delete', 'pod', `nats-${index}`, '--wait=true');
      report.say(`  nats-${index} is complete again after ${await untilComplete(operator)} ms`);
    }
    // The next line's own connections go through the same port.
    await reachNats();
  },
};

/** Requests that it had taken and not answered are asked again, or fail. */
export const killNats: Phase = {
  line: 7,
  title: 'the pod of the NATS cluster that leads the push log is deleted with -9',
  mustBeZero: nothingPromised,
  async run(stage) {
    const { report, operator } = stage;
    const leader = await leaderOf(operator);
    await kubectl('delete', 'pod', leader, '--grace-period=0', '--force');
    const ms = await until('a game is played', 120_000, () => play(stage, '1.0.0000').then(() => true));
    report.check(
      `a game is played ${ms} ms after ${leader} was deleted with -9, which led the push log`,
      true,
    );
    await untilComplete(operator);
    await pause(5_000);
  },
};

async function leaderOf(operator: NatsConnection): Promise<string> {
  const manager = await jetstreamManager(operator, { timeout: 2_000 });
  return (await manager.streams.info('PUSH')).cluster?.leader ?? '';
}

/** All pods are ready, and every stream is on all three. */
export async function untilComplete(operator: NatsConnection): Promise<number> {
  const since = performance.now();
  await rolledOut('statefulset/nats');
  await until('every stream is on all NATS servers', 120_000, async () => {
    const manager = await jetstreamManager(operator, { timeout: 2_000 });
    for await (const { cluster, config } of manager.streams.list()) {
      const behind = cluster?.replicas?.filter(({ current }) => !current) ?? [];
      if (config.num_replicas > 1 && (!cluster?.leader || behind.length > 0)) return false;
    }
    return true;
  });
  return Math.round(performance.now() - since);
}
