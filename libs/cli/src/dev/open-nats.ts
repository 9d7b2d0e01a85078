import { connect } from '@nats-io/transport-node';
import { parseNatsAddress } from '@ccgame/config';
import {
  findNats,
  freePort,
  isNatsVersionSupported,
  NatsAccounts,
  NatsProblem,
  NatsServer,
  type NatsSource,
  type NatsUsers,
  probeNats,
} from '@ccgame/testing';
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { NatsFolder } from './nats-folder.js';
import { NatsKeeper } from './nats-keeper.js';
import { runCommand } from './run-command.js';

/** A NATS server that the launcher may use, and how it lets go of it. */
export interface OpenNats extends NatsUsers {
  /** The operator's. */
  address: string;
  /** In words: where it came from. */
  from: string;
  close(): Promise<void>;
}

/**
 * Finds a NATS server, starts it where it must be started, and makes sure that it can be used.
 *
 * @param address one that a person named
 * @param onEvent told in one line when the server that was started here died, and is there again
 * @throws NatsProblem with one sentence that says what to do.
 */
export async function openNats(
  root: string,
  address: string | undefined,
  onProgress: (text: string) => void,
  onEvent: (line: string) => void,
): Promise<OpenNats> {
  const source = await findNats({ root, address, onProgress });
  const nats = await open(source, root, onProgress, onEvent);
  await check(nats.address).catch(async (error: unknown) => {
    await nats.close();
    throw error;
  });
  return nats;
}

async function open(
  source: NatsSource,
  root: string,
  onProgress: (text: string) => void,
  onEvent: (line: string) => void,
): Promise<OpenNats> {
  switch (source.kind) {
    case 'address':
      return { ...sameForAll(source.address), from: 'NATS_ADDRESS', close: async () => {} };
    case 'docker':
      onProgress('docker compose up nats');
      return startContainer(root);
    case 'binary':
      return startBinary(source.path, root, onEvent);
  }
}

async function startContainer(root: string): Promise<OpenNats> {
  const port = await freePort();
  // Not 4222, where somebody else's NATS may listen.
  const env = { COMPOSE_PROJECT_NAME: projectOf(root), ...process.env, NATS_PORT: String(port) };
  const options = { cwd: root, env };
  const up = runCommand('docker', ['compose', 'up', '--detach', '--wait', 'nats'], options);
  await up.catch((error: Error) => {
    throw NatsProblem.noContainer(error.message);
  });
  return {
    ...sameForAll(`nats://127.0.0.1:${port}`),
    from: 'docker compose',
    close: () => runCommand('docker', ['compose', 'stop', '--timeout', '2', 'nats'], options),
  };
}

/** Compose names a project by its folder's name alone: two clones would share a container, and one's end would stop the other's NATS. */
function projectOf(root: string): string {
  const name = basename(resolve(root))
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
  const hash = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 8);
  return `${name || 'ccgame'}-${hash}`;
}

async function startBinary(binary: string, root: string, onEvent: (line: string) => void): Promise<OpenNats> {
  const folder = new NatsFolder(join(root, '.ccgame', 'nats'));
  await folder.acquireFolder();
  const accounts = await NatsAccounts.ofRepository(root);
  const configuration = accounts && ((port: number, path: string) => accounts.configure(port, path));
  const server = await NatsServer.start({ binary, folder: folder.path, configuration });
  await folder.noteServer(server);
  const keeper = new NatsKeeper(server, folder, onEvent);
  return {
    ...sameForAll(accounts?.addressOf(server.port) ?? server.address),
    ...(accounts && { addressOf: (serverType: string) => accounts.addressOf(server.port, serverType) }),
    from: binary,
    close: () => keeper.stopServer(),
  };
}

const sameForAll = (address: string): Pick<OpenNats, 'address' | 'addressOf'> => ({
  address,
  addressOf: () => address,
});

async function check(address: string): Promise<void> {
  const { servers, user, pass, token } = parseNatsAddress(address);
  const where = servers.join(',');
  const [host = '', port = '4222'] = splitHost(servers[0] ?? '');
  const greeting = await probeNats(host, Number(port)).catch((error: Error) => {
    throw NatsProblem.unreachable(where, error.message);
  });
  if (!isNatsVersionSupported(greeting.version)) throw NatsProblem.tooOld(where, greeting.version);
  if (!greeting.jetstream) throw NatsProblem.noJetStream(where);
  const connection = await connect({
    servers,
    user,
    pass,
    token,
    reconnect: false,
    maxReconnectAttempts: 0,
  }).catch((error: Error) => {
    throw /auth/i.test(`${error.name} ${error.message}`)
      ? NatsProblem.refused(where)
      : NatsProblem.unreachable(where, error.message);
  });
  await connection.close();
}

function splitHost(address: string): [string, string] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at).replace(/^\[|\]$/g, ''), address.slice(at + 1)];
}
