import { kubectl, read, run } from '../cluster.js';
import { until } from '../pause.js';
import { nothingPromised, type Phase } from '../phase.js';
import { connector, http, matching, play, rolledOut } from '../stage.js';

/** A command that cuts off the node whose name it is given, as a power failure would: none does by itself. */
export const loseNodeCommand = process.env.LOSE_NODE;

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
    const since = performance.now();
    const seconds = (): number => Math.round((performance.now() - since) / 1000);
    await run('sh', ['-c', `${loseNodeCommand} ${node}`]);
    await until('a match is played', 120_000, () => play(stage, '1.0.0000').then(() => true));
    report.check(`a match is played ${seconds()} s after ${node} was lost`, true);
    await kubectl('wait', '--for=condition=Ready=Unknown', `node/${node}`, '--timeout=120s');
    report.say(`  Kubernetes has noticed after ${seconds()} s`);
    await kubectl('delete', 'node', node);
    await rolledOut(http, connector, matching);
    report.check(`all pods are ready elsewhere after ${seconds()} s, with the node deleted`, true);
  },
};
