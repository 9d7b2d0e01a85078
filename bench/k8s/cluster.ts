import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#testing';

/** Runs a command and gives what it printed; robots play on meanwhile. @throws Error with what it said */
export function run(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim() || stdout.trim()}`));
      else resolve(stdout);
    });
  });
}

export const kubectl = (...args: string[]): Promise<string> => run('kubectl', args);

/** Builds the image, tags it, and brings it into the cluster of the current context. */
export async function provideImages(tags: string[]): Promise<string> {
  const [first = '', ...others] = tags;
  const lab = process.env.K8S_LAB;
  if (lab) await run(lab, ['build', '.', first]);
  else await run('docker', ['build', '-t', first, '.']);
  for (const tag of others) await run('docker', ['tag', first, tag]);
  const context = (await kubectl('config', 'current-context')).trim();
  if (lab) await run(lab, ['load', ...tags]);
  else if (context.startsWith('kind-'))
    await run('kind', ['load', 'docker-image', ...tags, '--name', context.slice('kind-'.length)]);
  else if (context.startsWith('k3d-'))
    await run('k3d', ['image', 'import', ...tags, '--cluster', context.slice('k3d-'.length)]);
  else throw new Error(`No way is known to bring an image into ${context}; set K8S_LAB, or use kind or k3d.`);
  return (await run('docker', ['image', 'inspect', first, '--format', '{{.Size}}'])).trim();
}

/** The manifests as they stand, for a host on this machine: a copy with other values at the places marked DECIDE. */
export function localManifests(source: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'ccgame-k8s-')), 'k8s');
  cpSync(source, folder, { recursive: true });
  const nats = process.env.NATS_IMAGE;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  )) {
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8')
      .replaceAll('https://game.example.com', 'http://localhost')
      .replaceAll('wss://game.example.com', 'ws://localhost')
      .replaceAll('game.example.com', 'localhost');
    writeFileSync(file, nats ? text.replaceAll(/image: nats:.*/g, `image: ${nats}`) : text);
  }
  return folder;
}

/** A port of 127.0.0.1 that leads to a Service, for as long as the process lives; it is opened again when it breaks. */
export class PortForward {
  private child?: ChildProcess;
  private isClosed = false;

  private constructor(
    readonly port: number,
    private readonly service: string,
    private readonly servicePort: number,
  ) {}

  static async open(service: string, servicePort: number): Promise<PortForward> {
    const forward = new PortForward(await freePort(), service, servicePort);
    forward.start();
    return forward;
  }

  close(): void {
    this.isClosed = true;
    this.child?.kill();
  }

  private start(): void {
    this.child = spawn(
      'kubectl',
      ['port-forward', `service/${this.service}`, `${this.port}:${this.servicePort}`],
      { stdio: 'ignore' },
    );
    this.child.on('exit', () => {
      if (!this.isClosed) setTimeout(() => this.start(), 300);
    });
  }
}
