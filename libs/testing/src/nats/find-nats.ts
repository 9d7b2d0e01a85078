import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installNatsWithGo } from './install-with-go.js';
import { NatsProblem } from './nats-problem.js';
import { output } from './run.js';
import { isNatsVersionSupported, pinnedNatsVersion } from './version.js';

/** Where a NATS server comes from. */
export type NatsSource =
  { kind: 'address'; address: string } | { kind: 'binary'; path: string } | { kind: 'docker' };

/** Where a NATS server is looked for. */
export interface FindNatsOptions {
  /** The folder that holds `.ccgame/`. */
  root: string;
  /** NATS_ADDRESS. Tests leave it out: they kill and restart the servers they use. */
  address?: string;
  /** Pass over the Docker engine: what runs in a container can't be sent SIGSTOP from here. */
  binaryOnly?: boolean;
  /** Told what is going on before anything that takes longer than a moment. */
  onProgress?: (text: string) => void;
}

/**
 * Finds a NATS server, in this order: a given address, a binary on PATH, a Docker engine, a build with Go.
 *
 * @throws NatsProblem when there is none, or the one on PATH is too old.
 */
export async function findNats(options: FindNatsOptions): Promise<NatsSource> {
  const { root, address, binaryOnly = false, onProgress = () => {} } = options;
  if (address) return { kind: 'address', address };

  const tried: string[] = [];
  const onPath = await versionOf('nats-server');
  if (onPath && isNatsVersionSupported(onPath)) return { kind: 'binary', path: 'nats-server' };
  if (onPath) tried.push(NatsProblem.tooOld('on PATH', onPath).message);

  if (
    !binaryOnly &&
    (await output('docker', ['info', '--format', '{{.ServerVersion}}'], 5000)) &&
    (await hasCompose())
  ) {
    return { kind: 'docker' };
  }

  const built = join(root, '.ccgame', 'bin', 'nats-server');
  if (existsSync(built) && (await versionOf(built)) === pinnedNatsVersion)
    return { kind: 'binary', path: built };
  if (await output('go', ['version'])) {
    await installNatsWithGo(built, onProgress);
    return { kind: 'binary', path: built };
  }
  throw NatsProblem.none(tried);
}

async function versionOf(binary: string): Promise<string | undefined> {
  return (await output(binary, ['--version']))?.match(/v(\d+\.\d+\.\d+\S*)/)?.[1];
}

async function hasCompose(): Promise<boolean> {
  return (await output('docker', ['compose', 'version'], 5000)) !== undefined;
}
