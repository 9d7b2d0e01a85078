import { type Client, connect } from '@ccgame/client';
import { kubectl, read, run } from '../cluster.js';
import { login } from '../doors.js';
import { gameImage } from '../images.js';
import { until } from '../pause.js';
import { nothingPromised, type Phase } from '../phase.js';
import { connector, http, matching, play, rolledOut, type Stage } from '../stage.js';

/** A command that cuts off the node whose name it is given, as a power failure would: none does by itself. */
export const loseNodeCommand = process.env.LOSE_NODE;

const second = '1.0.0001';
/** Kubernetes gives a node up after 50 s; a release is then not held up by what ran there. */
const mostRetireMs = 90_000;

interface Pods {
  items: Array<{ spec: { nodeName: string } }>;
}

/** The pods of a StatefulSet stay where they were until somebody says that the node is gone: they might still run. */
export const loseNode: Phase = {
  line: 7,
  title: 'a node is lost with all that ran on it',
  mustBeZero: nothingPromised,
  // Decision 176, and a push about every 200 ms.
  mostSilentMs: 10_500,
  async run(stage) {
    const { report } = stage;
    const nodesOf = async (selector: string): Promise<string[]> =>
      (await read<Pods>('pods', '-l', selector)).items.map(({ spec }) => spec.nodeName);
    // A node that was drained stays empty until its pods are made anew.
    await kubectl('rollout', 'restart', http, connector, matching);
    await rolledOut(http, connector, matching);
    const nats = await nodesOf('app=nats');
    const node = (await nodesOf('serverType=connector')).find((name) => !nats.includes(name));
    if (!node) return report.say('– not proven here: NATS is on each node. NATS_NODE keeps it on one');
    const players = await bringSecondVersion(stage);
    const since = performance.now();
    const seconds = (): number => Math.round((performance.now() - since) / 1000);
    await run('sh', ['-c', `${loseNodeCommand} ${node}`]);
    const retired = stage.release('retire', second).then((printed) => ({ printed, after: seconds() }));
    retired.catch(() => {});
    await until('a match is played', 120_000, () => play(stage, '1.0.0000').then(() => true));
    report.check(`a match is played ${seconds()} s after ${node} was lost`, true);
    await kubectl('wait', '--for=condition=Ready=Unknown', `node/${node}`, '--timeout=120s');
    report.say(`  Kubernetes has noticed after ${seconds()} s`);
    const { printed, after } = await retired;
    report.say(printed.trim());
    report.check(
      `a version with servers on ${node} is retired ${after} s after the loss, and says what stays there`,
      after * 1_000 <= mostRetireMs && printed.includes(`is on ${node}, which does not answer`),
    );
    const answers = players.map((one) => one.request('matching.user_leave_matching', undefined));
    const answered = (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled');
    for (const one of players) one.close();
    report.check(
      `of its ${players.length} players ${answered.length} play on`,
      answered.length === players.length,
    );
    await kubectl('delete', 'node', node);
    await rolledOut(http, connector, matching);
    report.check(`all pods are ready elsewhere after ${seconds()} s, with the node deleted`, true);
  },
};

/** Connectors of a second version on both nodes, and players to whom the table gave it for a while. */
async function bringSecondVersion({ release, url }: Stage): Promise<Client[]> {
  await release('deploy', second, '--only', 'connector', '--image', gameImage(second), '--patience', '120');
  await release('canary', second, '--weight', '100');
  const players = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { token } = await login(url);
      const client = connect({ url, token, timeoutMs: 30_000 });
      await client.ready;
      return client;
    }),
  );
  await release('rollback', second);
  return players;
}
