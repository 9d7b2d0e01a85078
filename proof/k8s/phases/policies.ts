import { apply, kubectl, read } from '../cluster.js';
import { gameImage } from '../images.js';
import { names, type Stage } from '../stage.js';

/** The receiver: a pod and a port, as `host:port`. */
type Targets = Record<string, string>;

interface Visit {
  /** The receivers that have to be shut to this visitor, and those that have to be open. */
  shut: Targets;
  open: Targets;
  /** Runs Node with this program where the visitor is. */
  run: (program: string) => Promise<string>;
}

/** The NetworkPolicies, tried from three places. A network plugin that enforces none of them leaves everything open. */
export async function enforcePolicies({ report }: Stage): Promise<void> {
  const visits = await plan();
  const found = new Map<string, string[]>();
  for (const [who, { shut, open, run }] of Object.entries(visits))
    found.set(who, JSON.parse(await run(knock({ ...shut, ...open }))) as string[]);
  const holes = Object.entries(visits).flatMap(([who, { shut }]) =>
    Object.keys(shut).map((what) => found.get(who)?.includes(what)),
  );
  if (holes.every(Boolean))
    return report.say('– not proven here: this cluster’s network plugin does not enforce NetworkPolicies');
  for (const [who, { shut, open }] of Object.entries(visits)) {
    for (const what of Object.keys(shut))
      report.check(`${who} does not reach ${what}`, found.get(who)?.includes(what) === false);
    for (const what of Object.keys(open))
      report.check(`${who} reaches ${what}`, found.get(who)?.includes(what) === true);
  }
}

async function plan(): Promise<Record<string, Visit>> {
  const nats = { NATS: await address('app=nats', 4222), 'its monitor': await address('app=nats', 8222) };
  const health = {
    'the health port of http': await address('serverType=http', 81),
    'the health port of a connector': await address('serverType=connector', 82),
    'the health port of matching': await address('serverType=matching', 80),
  };
  const doors = {
    http: await address('serverType=http', 80),
    'a connector': await address('serverType=connector', 80),
  };
  const [connector = ''] = await names('serverType=connector');
  return {
    'a stranger': { shut: { ...nats, ...health }, open: doors, run: (program) => inPod('default', program) },
    'a pod of the name space monitoring': {
      shut: nats,
      open: health,
      run: (program) => inPod('monitoring', program),
    },
    'a connector': {
      shut: { http: doors.http, ...health, 'the API server': 'kubernetes.default:443' },
      open: { NATS: nats.NATS },
      run: (program) => kubectl('exec', connector, '--', 'node', '-e', program),
    },
  };
}

async function address(selector: string, port: number): Promise<string> {
  const { items } = await read<{ items: Array<{ status: { phase: string; podIP?: string } }> }>(
    'pods',
    '-l',
    selector,
  );
  // The last one: the first connector is a visitor itself.
  return `${items.findLast(({ status }) => status.phase === 'Running')?.status.podIP}:${port}`;
}

/** A plugin hears of a new pod a moment later, so each target is tried for a while. */
const patienceMs = 5_000;

/** Prints the names of the targets that were reached. */
const knock = (targets: Targets): string => `
  const { connect } = require('net');
  const end = Date.now() + ${patienceMs};
  const once = (host, port) => new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const tell = (is) => { socket.destroy(); resolve(is); };
    socket.on('connect', () => tell(true)).on('error', () => tell(false)).on('timeout', () => tell(false));
  });
  const reach = async ([name, address]) => {
    const [host, port] = address.split(':');
    while (Date.now() < end) {
      if (await once(host, port)) return name;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  Promise.all(Object.entries(${JSON.stringify(targets)}).map(reach))
    .then((names) => console.log(JSON.stringify(names.filter(Boolean))));`;

/** In a pod without labels of ours. */
async function inPod(namespace: string, program: string): Promise<string> {
  const pod = ['pod', 'visitor', '-n', namespace];
  if (namespace !== 'default')
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await kubectl('delete', ...pod, '--ignore-not-found');
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'visitor', namespace },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'regsecret' }],
      containers: [{ name: 'visitor', image: gameImage('1.0.0000'), args: ['node', '-e', program] }],
    },
  });
  await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', ...pod, '--timeout=60s');
  const printed = await kubectl('logs', 'visitor', '-n', namespace);
  await kubectl('delete', ...pod, '--wait=false');
  return printed;
}
