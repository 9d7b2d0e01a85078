import { randomBytes } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { connect } from '@nats-io/transport-node';
import { natsTls } from '../access.js';
import { kubectl, PortForward, read } from '../cluster.js';
import { pause, until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { connector, http, matching, names, rolledOut, type Stage } from '../stage.js';

interface Node {
  metadata: { name: string };
}
interface Workload {
  spec: { replicas: number };
}
interface Secret {
  data: Record<string, string>;
}

/** On the only node an evicted pod finds no other place: what is shown then is that the budgets keep the others where they are. */
export const drainNode: Phase = {
  line: 10,
  title: 'runbook: a node is drained',
  mustBeZero: nothing,
  async run({ report }) {
    const { items } = await read<{ items: Node[] }>('nodes');
    const node = items[0]?.metadata.name ?? '';
    const isOnly = items.length === 1;
    const drain = ['drain', node, '--pod-selector=serverType', '--delete-emptydir-data'];
    const since = performance.now();
    const isWhole = await kubectl(...drain, `--timeout=${isOnly ? 25 : 300}s`).then(
      () => true,
      () => false,
    );
    const seconds = Math.round((performance.now() - since) / 1000);
    if (!isOnly) await rolledOut(http, connector, matching);
    const left = await Promise.all(
      ['http', 'connector', 'matching'].map(
        async (type) => (await names(`serverType=${type},version=1.0.0000`)).length,
      ),
    );
    // An autoscaler may want more than the manifests begin with.
    const wanted = await Promise.all(
      [http, connector, matching].map(async (name) => (await read<Workload>(name)).spec.replicas),
    );
    await kubectl('uncordon', node);
    await rolledOut(http, connector, matching);
    const of = (index: number): string => `${left[index]} of ${wanted[index]}`;
    const text = `${of(0)} http, ${of(1)} connectors, ${of(2)} matching servers`;
    if (isOnly) report.check(`on the only node, ${text} stay`, left.every(Boolean));
    else
      report.check(
        `${node} was drained in ${seconds} s, and elsewhere are ${text}`,
        isWhole && left.join() === wanted.join(),
      );
  },
};

/** The kubelet looks for new secrets this often, and a little more. */
const propagatedMs = 120_000;

export const rotatePassword: Phase = {
  line: 10,
  title: 'runbook: the NATS password of the connectors is changed',
  mustBeZero: nothing,
  async run(stage) {
    const { data } = await read<Secret>('secret', 'nats-passwords');
    const before = Buffer.from(data['passwords.conf'] ?? '', 'base64').toString();
    const password = `r${randomBytes(16).toString('hex')}`;
    const next = before.replace(/NEXT_CONNECTOR: .*/, `NEXT_CONNECTOR: ${password}`);
    await usePasswords(next, { user: 'connector-next', pass: password });
    await moveConnectors(stage, 'connector-next', password);
    const first = next.replace(/PASSWORD_CONNECTOR: .*/, `PASSWORD_CONNECTOR: ${password}`);
    await usePasswords(first, { user: 'connector', pass: password });
    await moveConnectors(stage, 'connector', password);
    const last = before.replace(/PASSWORD_CONNECTOR: .*/, `PASSWORD_CONNECTOR: ${password}`);
    await usePasswords(last, { user: 'connector', pass: password });
  },
};

/** Gives the servers another user, and restarts them as a rollout does. */
async function moveConnectors({ report }: Stage, user: string, password: string): Promise<void> {
  const address = Buffer.from(`nats://${user}:${password}@nats:4222`).toString('base64');
  await kubectl(
    'patch',
    'secret',
    'nats-address',
    '--patch',
    JSON.stringify({ data: { connector: address } }),
  );
  await kubectl('rollout', 'restart', connector);
  await rolledOut(connector);
  const users: string[] = [];
  for (const pod of await natsPods()) {
    const raw = await kubectl(
      'get',
      '--raw',
      `/api/v1/namespaces/default/pods/${pod}:8222/proxy/connz?auth=1`,
    );
    const { connections } = JSON.parse(raw) as { connections: Array<{ authorized_user?: string }> };
    users.push(...connections.map(({ authorized_user: one = '' }) => one));
  }
  const used = new Set(users.filter((one) => /^connector/.test(one)));
  report.check(`the connectors are in NATS as ${[...used].join(', ')}`, used.size === 1 && used.has(user));
}

/** Writes the secret, and tells NATS to read it until it has: the kubelet brings the file. Nobody is cut off. */
async function usePasswords(text: string, works: { user: string; pass: string }): Promise<void> {
  const patch = JSON.stringify({ data: { 'passwords.conf': Buffer.from(text).toString('base64') } });
  await kubectl('patch', 'secret', 'nats-passwords', '--patch', patch);
  await until('NATS knows the new password', propagatedMs, async () => {
    for (const pod of await natsPods())
      await kubectl('exec', pod, '--', 'nats-server', '--signal', 'reload=1');
    await pause(2000);
    for (const pod of await natsPods()) await signIn(pod, works);
    return true;
  });
}

const natsPods = (): Promise<string[]> => names('app=nats');

/** @throws Error where this NATS server does not know the user by this password */
async function signIn(pod: string, { user, pass }: { user: string; pass: string }): Promise<void> {
  const forward = await PortForward.open(`pod/${pod}`, 4222);
  try {
    const servers = `127.0.0.1:${forward.port}`;
    await until('the port is open', 10_000, () => isOpen(forward.port));
    const connection = await connect({ servers, user, pass, tls: natsTls, reconnect: false });
    await connection.close();
  } finally {
    forward.close();
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectSocket({ host: '127.0.0.1', port });
    const tell = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => tell(true)).on('error', () => tell(false));
  });
