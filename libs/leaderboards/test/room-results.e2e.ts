import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { EntityClient, entityStreams } from '@ccgame/entities';
import { ensureStream } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { freePort, type GameNats, labelsOf, ServerProcess, startGameNats, untilHolds } from '@ccgame/testing';
import { accountsWith } from '../../cli/test/accounts-with.js';
import { endRound, table } from '../../../proof/room-results/contracts.js';

const version = '1.0.0000';
const rooms = 24;

interface StoredResult {
  scores: { playerId: string; score: number }[];
  about: { room: string };
}

/** Servers of the type `cards` (proof/room-results) as processes. */
describe('the results of rooms', () => {
  let nats: GameNats;
  let connection: NatsConnection;
  let rpc: RpcService;
  const servers: ServerProcess[] = [];

  beforeAll(async () => {
    nats = await startGameNats({ accounts: accountsWith('cards') });
    connection = await connect({ servers: nats.address });
    const manager = await jetstreamManager(connection);
    for (const { config } of entityStreams('cards')) await ensureStream(manager, config);
    const identity = { serverId: 'games-test-0', serverType: 'games', version };
    rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 30_000 });
    for (const ordinal of [0, 1]) servers.push(await startCards(ordinal));
    await Promise.all(servers.map((server) => server.untilReady()));
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop(10_000)));
    rpc.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  async function startCards(ordinal: number): Promise<ServerProcess> {
    const { serverId, serverType } = labelsOf('cards', version, ordinal);
    const healthPort = await freePort();
    const server = new ServerProcess({
      serverId,
      entry: join(process.cwd(), 'dist/test-servers/proof/room-results/main.js'),
      healthPort,
      logFile: join(nats.folder, `${serverId}.log`),
      env: {
        SERVER_ID: serverId,
        SERVER_TYPE: serverType,
        VERSION: version,
        NODE_ENV: 'dev',
        NATS_ADDRESS: nats.addressOf(serverType),
        HEALTHY_CHECK_PORT: String(healthPort),
      },
    });
    server.start();
    return server;
  }

  /** The stream's messages as they are: one a result, whoever wrote it. */
  async function storedResults(): Promise<StoredResult[]> {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info('LEADERBOARD_RESULTS', { subjects_filter: '>' });
    const subjects = Object.keys(state.subjects ?? {}).filter((one) =>
      one.startsWith('leaderboards.result.cards.'),
    );
    const messages = subjects.map((last_by_subj) =>
      manager.streams.getMessage('LEADERBOARD_RESULTS', { last_by_subj }),
    );
    const found = await Promise.all(messages);
    return found
      .flatMap((one) => (one ? [one.json<StoredResult>()] : []))
      .filter(({ scores }) => scores.length > 0);
  }

  it('come to the boards once each, though their servers are killed as the rooms end', async () => {
    const client = new EntityClient(rpc);
    for (let room = 0; room < rooms; room += 1) {
      await client.create(table, `t${room}`);
      const ended = client.call(endRound, `t${room}`, room);
      // Each other room's end is answered first; the server that goes may be the one that has the room, or the one that submits for it.
      if (room % 2 === 0) await ended;
      if (room % 4 < 2) {
        const server = servers[room % 8 < 4 ? 0 : 1];
        await server.kill();
        server.start();
        await server.untilReady();
      }
      await ended;
    }
    await untilHolds(async () => (await storedResults()).length >= rooms, {
      timeoutMs: 60_000,
      everyMs: 200,
    });
    const results = await storedResults();
    const expected = Array.from({ length: rooms }, (_, room) => `t${room}: anna ${room}, ben ${room}`);
    const told = results.map(
      ({ about, scores }) =>
        `${about.room}: ${scores.map(({ playerId, score }) => `${playerId} ${score}`).join(', ')}`,
    );
    expect(told.sort()).toEqual(expected.sort());
  });
});
