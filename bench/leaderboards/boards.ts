import { connect } from '@nats-io/transport-node';
import { rssMb, startGameNats, type StartedServer, startServer } from '@ccgame/testing';
import { untilShown } from './boards-questions.js';
import type { Figures, Load } from './load.js';
import { run } from './run.js';
import { dayOf, seedScores, submit } from './scores.js';

/** As k8s/http/deployment.yaml starts it. */
const env = { NODE_OPTIONS: '--max-semi-space-size=32' };

/** The http server as it ships, with its board `duel`. */
export async function measureBoards(load: Load): Promise<Figures> {
  const nats = await startGameNats();
  const connection = await connect({ servers: nats.address });
  const labels = { serverType: 'http', version: '1.0.0000' };
  const options = { root: process.cwd(), ...labels, nats, env };
  const start = async (): Promise<StartedServer> => {
    const server = await startServer({ ...options, logFolder: nats.folder });
    await server.process.untilReady();
    return server;
  };
  const empty = await start();
  const emptyMb = rssMb(empty.process.pid ?? 0);
  await empty.process.stop();
  await seedScores(connection, load.players, dayOf(Date.now()));
  const startedAt = performance.now();
  const server = await start();
  await untilShown(server.port, load.players);
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
