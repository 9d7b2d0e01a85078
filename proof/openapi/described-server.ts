import { once } from 'node:events';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { matchCreatedSubject, type MatchRecord } from '@ccgame/matchmaker/store';
import { startGameNats, startServer, tokenOf } from '@ccgame/testing';

/** An http server whose document is tried. */
export interface DescribedServer {
  address: string;
  /** The bearer token of each security scheme of the document. */
  tokens: { player: string; serverKey: string };
  /** Values of the paths' parameters that exist. */
  planted: Record<string, string>;
  stop(): Promise<void>;
}

const serverKey = 'development-only-server-key-000000';
const version = '1.0.0000';
/** The examples of the document are these. */
const match = { id: '5f0c1e7a-3c6c-4d0c-9a53-1f6f0f9a7f10', mode: 'ranked', players: ['anna', 'ben'] };
const unlimited = '1000000';

/** Starts NATS and one http server of the build, with a match that was played and a board that counts it. */
export async function startDescribedServer(): Promise<DescribedServer> {
  const nats = await startGameNats();
  const server = await startServer({
    root: process.cwd(),
    serverType: 'http',
    version,
    nats,
    logFolder: nats.folder,
    env: {
      LOGINS_PER_ADDRESS: unlimited,
      LOGINS_PER_DEVICE: unlimited,
      RESULTS_PER_KEY: unlimited,
      WRONG_KEYS_PER_ADDRESS: unlimited,
    },
  });
  await server.process.untilReady();
  const connection = await connect({ servers: nats.address });
  const address = `http://127.0.0.1:${server.port}`;
  await plantMatch(connection, address);
  return {
    address,
    tokens: { player: tokenOf('anna'), serverKey },
    planted: { board: match.mode, playerId: 'anna', id: match.id },
    stop: async () => {
      await connection.close();
      await server.process.stop();
      await nats.destroy();
    },
  };
}

async function plantMatch(connection: NatsConnection, address: string): Promise<void> {
  const record: MatchRecord = {
    matchId: match.id,
    mode: match.mode,
    version,
    teams: match.players.map((player) => [player]),
    createdAt: Date.now(),
  };
  // As matching writes it: what was not written by compare-and-set is no record.
  await jetstream(connection).publish(matchCreatedSubject(match.id), JSON.stringify(record), {
    expect: { lastSubjectSequence: 0 },
  });
  const scores = match.players.map((playerId) => ({ playerId, score: 3 }));
  const answer = await fetch(`${address}/v1/matches/${match.id}/result`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${serverKey}` },
    body: JSON.stringify({ scores }),
  });
  if (answer.status !== 200)
    throw new Error(`The result was answered with ${answer.status}: ${await answer.text()}`);
  const place = `${address}/v1/leaderboards/${match.mode}/players/anna`;
  while ((await fetch(place)).status !== 200) await once(AbortSignal.timeout(50), 'abort');
}
