import { AckedPublisher } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { rssMb, startNats, type StartedServer, startServer } from '@ccgame/testing';
import { readBoard } from './boards-questions.js';
import type { Figures, Load } from './load.js';
import { run } from './run.js';

const day = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}T000000Z`;
const batchSize = 1_000;
const batchesAtOnce = 4;

/** As k8s/http/deployment.yaml starts it. */
const env = { NODE_OPTIONS: '--max-semi-space-size=32' };

/** The http server as it ships, with its board `duel`. */
export async function measureBoards(load: Load): Promise<Figures> {
  const nats = await startNats();
  const connection = await connect({ servers: nats.address });
  const labels = { serverType: 'http', version: '1.0.0000' };
  const options = { root: process.cwd(), ...labels, natsAddress: nats.address, env };
  const start = async (): Promise<StartedServer> => {
    const server = await startServer({ ...options, logFolder: nats.folder });
    await server.process.untilReady();
    return server;
  };
  const empty = await start();
  const emptyMb = rssMb(empty.process.pid ?? 0);
  await empty.process.stop();
  await seed(connection, load.players);
  const startedAt = performance.now();
  const server = await start();
  await untilLoaded(server.port, load.players);
  const loadMs = Math.round(performance.now() - startedAt);
  const bytesPerPlayer = Math.round(((rssMb(server.process.pid ?? 0) - emptyMb) * 2 ** 20) / load.players);
  let results = 0;
  const figures = await run(
    { whom: 'boards', port: server.port, load },
    (player) => submit(connection, `result-${results++}`, player),
    { http: server.process.pid ?? 0, nats: nats.pid ?? 0 },
  );
  await server.process.stop();
  await connection.close();
  await nats.destroy();
  return { ...figures, loadMs, bytesPerPlayer };
}

/** Scores as folds write them. */
async function seed(connection: NatsConnection, players: number): Promise<void> {
  const publisher = new AckedPublisher(connection, new NatsHealth(connection));
  const running: Promise<unknown>[] = [];
  for (let first = 0; first < players; first += batchSize) {
    const count = Math.min(batchSize, players - first);
    const messages = Array.from({ length: count }, (_, index) => ({
      subject: `leaderboards.score.duel.${day}.player-${first + index}`,
      payload: JSON.stringify([Math.floor(Math.random() * 1e6), 0, 0]),
      expected: 0,
    }));
    running.push(publisher.publishAll(messages));
    if (running.length >= batchesAtOnce) await running.shift();
  }
  await Promise.all(running);
  publisher.close();
}

async function submit(connection: NatsConnection, id: string, playerId: string): Promise<void> {
  const given = headers();
  given.set('Nats-Expected-Last-Subject-Sequence', '0');
  const payload = JSON.stringify({ scores: [{ playerId, score: Math.ceil(Math.random() * 30) }] });
  const subject = `leaderboards.result.duel.${id}`;
  const answer = await connection.request(subject, payload, { headers: given, timeout: 10_000 });
  if (answer.json<{ error?: object }>().error) throw new Error(answer.string());
}

async function untilLoaded(port: number, players: number): Promise<void> {
  for (;;) {
    const text = await readBoard(port, '?limit=1').catch(() => '{}');
    if ((JSON.parse(text) as { players?: number }).players === players) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
