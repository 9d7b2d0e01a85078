import { build } from 'esbuild';
import { run } from '../cluster.js';
import { nothing, type Phase } from '../phase.js';
import { names, type Stage } from '../stage.js';
import { enforcePolicies } from './policies.js';

export const refused: Phase = {
  line: 9,
  title: 'NATS refuses what is not a connector’s business; the network refuses what is nobody’s',
  mustBeZero: nothing,
  async run(stage) {
    await asConnector(stage);
    await asReleases(stage);
    await enforcePolicies(stage);
  },
};

/** The attempts of a connector's user, from inside of its pod, with what its pod was given. */
const attempts = {
  'a server-only handler': 'rpc.any.matching.1_0_0000.count_tickets',
  'a push to a player': 'push.u.somebody.1',
  'the release table': '$KV.releases.production',
  'a new stream': '$JS.API.STREAM.CREATE.STOLEN',
  'a consumer': '$JS.API.CONSUMER.CREATE.PUSH',
};

const program = (subjects: string[]): string => `
  import { connect } from '@nats-io/transport-node';
  const [, user, pass, servers] = /nats:\\/\\/(.*):(.*)@(.*)/.exec(process.env.NATS_ADDRESS);
  const nats = await connect({ servers, user, pass, tls: { caFile: process.env.NATS_TLS_CA } });
  const refused = new Set();
  void (async () => { for await (const { error } of nats.status()) if (error?.subject) refused.add(error.subject); })();
  for (const subject of ${JSON.stringify(subjects)}) nats.publish(subject, '{}');
  await nats.flush();
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(JSON.stringify([...refused]));
  await nats.close();`;

/** The image has no packages, but for what its servers' bundles hold. */
async function bundle(contents: string): Promise<string> {
  const require = `import { createRequire } from 'node:module'; const require = createRequire('/');`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    banner: { js: require },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function asConnector({ report }: Stage): Promise<void> {
  const [pod = ''] = await names('serverType=connector,version=1.0.0000');
  const subjects = [...Object.values(attempts), 'client.any.matching.1_0_0000.user_leave_matching'];
  const text = await bundle(program(subjects));
  const exec = ['exec', '-i', pod, '--', 'node', '--input-type=module'];
  const printed = await run('kubectl', exec, {}, ({ stdin }) => stdin?.end(text));
  const found = JSON.parse(printed) as string[];
  for (const [what, subject] of Object.entries(attempts))
    report.check(`NATS refuses a connector's user ${what}`, found.includes(subject));
  report.check('… and takes what players may call', found.length === Object.keys(attempts).length);
}

/** Beside what `ccgame release` does all through the proof, with the same rights. */
const lacking: Record<string, string[]> = {
  'read a secret': ['get', 'secret', 'nats-passwords'],
  'run a program in a pod': ['exec', 'deployment/http-prod-v100000', '--', 'true'],
  'delete a pod': ['delete', 'pod', 'nats-0'],
  'see another name space': ['get', 'pods', '-n', 'kube-system'],
  'give itself rights': [
    'create',
    'rolebinding',
    'more',
    '--role=release',
    '--serviceaccount=default:default',
  ],
  'see nodes': ['get', 'nodes'],
  'reach a game server past the network': ['port-forward', 'deployment/http-prod-v100000', ':80'],
};

async function asReleases({ report, rightsOfReleases }: Stage): Promise<void> {
  for (const [what, args] of Object.entries(lacking)) {
    const told = await run('kubectl', ['--kubeconfig', rightsOfReleases, ...args], { timeout: 30_000 }).catch(
      (error: Error) => error.message,
    );
    report.check(`the account of CI may not ${what}`, /forbidden/i.test(told));
  }
}
