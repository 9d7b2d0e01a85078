import { apply, kubectl } from '../cluster.js';
import { nothing, type Phase } from '../phase.js';
import { names, type Stage } from '../stage.js';

export const refused: Phase = {
  line: 9,
  title: 'NATS refuses what is not a connector’s business; strangers don’t reach NATS',
  mustBeZero: nothing,
  async run(stage) {
    await asConnector(stage);
    await asStranger(stage);
  },
};

/** What a connector's user tries, from inside of its pod, with what its pod was given. */
const attempts = {
  'a server-only handler': 'rpc.any.matching.1_0_0000.count_tickets',
  'a push to a player': 'push.u.somebody.1',
  'the release table': '$KV.releases.production',
  'a new stream': '$JS.API.STREAM.CREATE.STOLEN',
  'a consumer': '$JS.API.CONSUMER.CREATE.PUSH',
};

const program = (subjects: string[]): string => `
  const { connect } = await import('@nats-io/transport-node');
  const [, user, pass, servers] = /nats:\\/\\/(.*):(.*)@(.*)/.exec(process.env.NATS_ADDRESS);
  const nats = await connect({ servers, user, pass });
  const refused = new Set();
  void (async () => { for await (const { error } of nats.status()) if (error?.subject) refused.add(error.subject); })();
  for (const subject of ${JSON.stringify(subjects)}) nats.publish(subject, '{}');
  await nats.flush();
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(JSON.stringify([...refused]));
  await nats.close();`;

async function asConnector({ report }: Stage): Promise<void> {
  const [pod = ''] = await names('serverType=connector,version=1.0.0000');
  const subjects = [...Object.values(attempts), 'client.any.matching.1_0_0000.user_leave_matching'];
  const printed = await kubectl('exec', pod, '--', 'node', '--input-type=module', '-e', program(subjects));
  const found = JSON.parse(printed) as string[];
  for (const [what, subject] of Object.entries(attempts))
    report.check(`NATS refuses a connector's user ${what}`, found.includes(subject));
  report.check('… and takes what players may call', found.length === Object.keys(attempts).length);
}

/** A pod without labels of ours. Where the network plugin enforces policies, it must not reach NATS. */
async function asStranger({ report }: Stage): Promise<void> {
  await kubectl('delete', 'pod', 'stranger', '--ignore-not-found');
  const knock = `require('net').connect(4222, 'nats').setTimeout(3000)
    .on('data', () => process.exit(0)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))`;
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger', labels: { app: 'stranger' } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [{ name: 'stranger', image: 'ccgame:1.0.0000', args: ['node', '-e', knock] }],
    },
  });
  const isOut = await kubectl(
    'wait',
    '--for=jsonpath={.status.phase}=Failed',
    'pod/stranger',
    '--timeout=20s',
  ).then(
    () => true,
    () => false,
  );
  if (isOut) report.check('a pod that is no server of the game does not reach NATS', true);
  else report.say('– not proven here: this cluster’s network plugin does not enforce NetworkPolicies');
  await kubectl('delete', 'pod', 'stranger', '--wait=false');
}
