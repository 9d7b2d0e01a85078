import { type ChildProcess, execFile, type ExecFileOptions, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseNatsAddress } from '@ccgame/config';
import { freePort } from '@ccgame/testing';
import { newSecrets } from '@ccgame/cli';

/**
 * Runs a command and gives what it printed; robots play on meanwhile.
 *
 * @param watch is handed the process, while it runs
 * @throws Error with what it said
 */
export function run(
  command: string,
  args: string[],
  options: ExecFileOptions = {},
  watch: (child: ChildProcess) => void = () => {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = { maxBuffer: 1e8, encoding: 'utf8' as const, ...options };
    const child = execFile(command, args, all, (error, stdout, stderr) => {
      const [printed, problem] = [String(stdout), String(stderr)];
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${problem.trim() || printed.trim()}`));
      else resolve(printed);
    });
    watch(child);
  });
}

export const kubectl = (...args: string[]): Promise<string> => run('kubectl', args);

/** Hands YAML or JSON to `kubectl apply`. @throws Error with what it said */
export function apply(manifest: object | string): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'ccgame-k8s-')), 'manifest.yaml');
  writeFileSync(file, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return kubectl('apply', '-f', file);
}

/** A part of a resource, as JSON. @throws Error with what kubectl said */
export async function read<T>(...what: string[]): Promise<T> {
  return JSON.parse(await kubectl('get', ...what, '-o', 'json')) as T;
}

interface Secret {
  data: Record<string, string>;
}

/** Gives the game secrets of its own, as `ccgame secrets new` makes them; those of an earlier proof are what its NATS goes by. */
export async function provideSecrets(
  folder: string,
): Promise<{ serverKey: string; operatorPassword: string }> {
  const isThere = await kubectl('get', 'secret', 'nats-passwords', '--ignore-not-found', '-o', 'name');
  if (!isThere) await apply(newSecrets(readFileSync(join(folder, 'secrets/example-secrets.yaml'), 'utf8')));
  const valueOf = async (secret: string, key: string): Promise<string> => {
    const { data } = await read<Secret>('secret', secret);
    return Buffer.from(data[key] ?? '', 'base64').toString();
  };
  const { pass = '' } = parseNatsAddress(await valueOf('nats-address', 'operator'));
  // Two by comma where an earlier proof ended in the midst of a change.
  const [serverKey = ''] = (await valueOf('game-secrets', 'server-key')).split(',');
  return { serverKey, operatorPassword: pass };
}

/** A folder of `k8s/nats`. */
export type NatsKind = 'single' | 'cluster';

/** The manifests as they stand, for a host on this machine: a copy with other values at the places marked DECIDE. */
export function localManifests(source: string, nats: NatsKind): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'ccgame-k8s-')), 'k8s');
  cpSync(source, folder, { recursive: true });
  const image = process.env.NATS_IMAGE;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  )) {
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8').replaceAll('game.example.com', 'localhost');
    writeFileSync(file, image ? text.replaceAll(/image: nats:.*/g, `image: ${image}`) : text);
  }
  for (const list of ['foundation', 'release'].map((name) => join(folder, name, 'kustomization.yaml'))) {
    const text = readFileSync(list, 'utf8');
    writeFileSync(list, text.replace('components: [../registry]', 'components: [../registry, ../nats/tls]'));
  }
  requestLess(folder);
  growLess(folder);
  if (nats === 'cluster') useCluster(folder);
  return folder;
}

/** A small machine does nothing sooner by more pods, so these stay three but where a phase is about the autoscaler. */
function growLess(folder: string): void {
  for (const file of ['connector.yaml', 'http.yaml'].map((name) => join(folder, 'autoscaling', name)))
    writeFileSync(file, readFileSync(file, 'utf8').replace(/maxReplicas: \d+/, 'maxReplicas: 3'));
}

/**
 * Two versions beside each other, with a job or a new pod in an update, ask for more than a small machine has. All ask for half, NATS too: a
 * request is a pod's weight where cores are short, and a type that alone asked for less would be the one that stands still.
 */
function requestLess(folder: string): void {
  const parts = ['arena', 'connector', 'http', 'matching', 'storage', 'nats/single', 'nats/cluster'];
  for (const part of parts.map((name) => join(folder, name))) {
    for (const file of readdirSync(part).map((name) => join(part, name))) {
      const text = readFileSync(file, 'utf8');
      const halved = text.replace(
        /requests: \{ cpu: (\d+)m/,
        (_, cpu) => `requests: { cpu: ${Number(cpu) / 2}m`,
      );
      if (halved !== text) writeFileSync(file, halved);
    }
  }
}

/** The address that players are told, where nothing takes TLS. */
export function withoutTls(folder: string): void {
  const file = join(folder, 'http/deployment.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('https://localhost', 'http://localhost').replace('wss:', 'ws:'));
}

/** A node that is not lost: without volumes a lost server's files are lost too. */
const natsNode = process.env.NATS_NODE;

/** `nats/cluster` on a single node without volumes: its three pods may share the node, and one that is deleted comes back empty. */
function useCluster(folder: string): void {
  const [list, servers] = [
    join(folder, 'foundation/kustomization.yaml'),
    join(folder, 'nats/cluster/nats.yaml'),
  ];
  writeFileSync(list, readFileSync(list, 'utf8').replace('- ../nats/single', '- ../nats/cluster'));
  const manifests = parseAllDocuments(readFileSync(servers, 'utf8'));
  for (const manifest of manifests) {
    if (manifest.get('kind') !== 'StatefulSet') continue;
    manifest.deleteIn(['spec', 'template', 'spec', 'affinity']);
    manifest.deleteIn(['spec', 'volumeClaimTemplates']);
    manifest.addIn(['spec', 'template', 'spec', 'volumes'], { name: 'data', emptyDir: {} });
    if (natsNode) manifest.setIn(['spec', 'template', 'spec', 'nodeName'], natsNode);
  }
  writeFileSync(servers, manifests.join('---\n'));
}

/** A port of 127.0.0.1 that leads to `service/…` or `pod/…`, for as long as the process lives; it is opened again when it breaks. */
export class PortForward {
  private child?: ChildProcess;
  private isClosed = false;

  private constructor(
    readonly port: number,
    private readonly target: string,
    private readonly targetPort: number,
  ) {}

  static async open(target: string, targetPort: number): Promise<PortForward> {
    const forward = new PortForward(await freePort(), target, targetPort);
    forward.start();
    return forward;
  }

  close(): void {
    this.isClosed = true;
    this.child?.kill();
  }

  /** For one that lives on and leads nowhere, as its pod was replaced. */
  renew(): void {
    this.child?.kill();
  }

  private start(): void {
    this.child = spawn('kubectl', ['port-forward', this.target, `${this.port}:${this.targetPort}`], {
      stdio: 'ignore',
    });
    this.child.on('exit', () => {
      if (!this.isClosed) setTimeout(() => this.start(), 300);
    });
  }
}
