import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { startServer } from '../servers/start-server.js';
import { foundBefore } from './found-before.js';
import { NatsAccounts, type NatsUsers } from './nats-accounts.js';
import { NatsProblem } from './nats-problem.js';
import { NatsServer, type NatsServerOptions } from './nats-server.js';
import { natsOptions } from './start-nats.js';

/** `address` is the operator's, for the test itself. */
export type GameNats = NatsServer & NatsUsers;

/** How it differs from the one of the folder that the test runs in. */
export interface GameNatsOptions {
  /** The repository's folder or a build of it; its `dist/` must be built. */
  root?: string;
  /** The text of an `accounts.yaml` in the place of the repository's. */
  accounts?: string;
  /** Options of the nats-server; `natsOptions()` when left out. */
  server?: NatsServerOptions;
}

/**
 * A NATS server of the test's own as whole servers meet it in a cluster (decision 140): with the users of `k8s/nats/accounts`, each of which may do
 * what its type needs, and with the game's streams as the server type `storage` has made them. In a repository without those manifests it
 * has no users, and each server makes its streams.
 *
 * @throws NatsProblem as {@link startNats}
 */
export async function startGameNats(options: GameNatsOptions = {}): Promise<GameNats> {
  const { root = process.cwd() } = options;
  const accounts =
    options.accounts === undefined
      ? await NatsAccounts.ofRepository(root)
      : await NatsAccounts.ofManifest(options.accounts);
  const server = await NatsServer.start({
    ...(options.server ?? (await natsOptions())),
    configuration: accounts && ((port, folder) => accounts.configureForTests(port, folder)),
  });
  const addressOf = (type: string): string => accounts?.addressOf(server.port, type) ?? server.address;
  const nats = Object.assign(server, { addressOf });
  if (accounts) await makeStreams(nats, root);
  return nats;
}

/** `storage` makes them for the first test file of a Jest worker; the next ones get them by what it made, for a twentieth of its CPU. */
async function makeStreams(nats: GameNats, root: string): Promise<void> {
  const { mtimeMs } = statSync(join(root, 'dist', 'servers', 'storage.js'));
  const { connect } = await import('@nats-io/transport-node');
  const operator = await connect({ servers: nats.address });
  try {
    const listed = await foundBefore(`streams of ${root} at ${mtimeMs}`, () =>
      runStorage(nats, root, operator),
    );
    const { streams } = JSON.parse(listed) as StreamList;
    await Promise.all(streams.map(({ config }) => ask(operator, `STREAM.CREATE.${config.name}`, config)));
  } finally {
    await operator.close();
  }
}

/** Source: JetStream's API, io.nats.jetstream.api.v1.stream_list_response. */
interface StreamList {
  streams: { config: { name: string } }[];
}

async function runStorage(nats: GameNats, root: string, operator: NatsConnection): Promise<string> {
  const where = { root, nats, logFolder: nats.folder };
  const { process } = await startServer({ ...where, serverType: 'storage', version: '0.0.0001' });
  await process.untilReady();
  const listed = await ask(operator, 'STREAM.LIST', {});
  await process.kill();
  return listed;
}

async function ask(operator: NatsConnection, what: string, request: object): Promise<string> {
  const answer = await operator.request(`$JS.API.${what}`, JSON.stringify(request), { timeout: 10_000 });
  const { error } = answer.json<{ error?: { description: string } }>();
  if (error) throw new NatsProblem(`${what}: ${error.description}`);
  return answer.string();
}
