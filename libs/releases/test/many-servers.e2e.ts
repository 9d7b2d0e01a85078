import { readFileSync } from 'node:fs';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { addVersion, firstTable } from '../src/table-changes.js';
import { ReleaseStore } from '../src/release-store.js';
import {
  type GameNats,
  productionSecrets,
  startGameNats,
  type StartedServer,
  startServer,
  calmTime,
  untilHolds,
} from '@ccgame/testing';

const note = { who: 'test', why: 'test', action: 'test' };
/** As in production, where the log is JSON. */
const env = { NODE_ENV: 'production', ...productionSecrets() };
const types = ['http', 'connector', 'matching'];

interface LogLine {
  event?: string;
  /** ISO 8601 */
  time: string;
}

/** Processes, as in a cluster: each logs when it has the new table. */
describe('a change of the release table', () => {
  let nats: GameNats;
  let operator: NatsConnection;
  let store: ReleaseStore;
  const servers: StartedServer[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    operator = await connect({ servers: nats.address });
    store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable('production', '1.0.0000'), note);
    const where = {
      root: process.cwd(),
      nats,
      logFolder: nats.folder,
      version: '1.0.0000',
      env,
    };
    for (let ordinal = 0; ordinal < 9; ordinal += 1) {
      servers.push(await startServer({ ...where, serverType: types[ordinal % 3] ?? '', ordinal }));
    }
    await Promise.all(servers.map(({ process: server }) => server.untilReady(90_000)));
    // So many that start at once keep a busy machine's NATS from answering for a while.
    await untilHolds(() =>
      store.readTable('production').then(
        () => true,
        () => false,
      ),
    );
  }, 180_000);
  afterAll(async () => {
    await Promise.all(servers.map(({ process: server }) => server.kill()));
    await operator.close();
    await nats.destroy();
  });

  it('reaches nine running servers of all types within 1 s', async () => {
    const [since, calmMs] = [performance.now(), calmTime()];
    const { at } = await store.changeTable('production', addVersion('1.0.0001'), note);
    const delays = await Promise.all(servers.map(async (server) => (await changeSeenBy(server, at)) - at));
    const waitedMs = performance.now() - since - calmMs();
    expect(Math.max(...delays) - waitedMs).toBeLessThan(1000);
  }, 30_000);

  /** When it took the table of that moment or a later one, epoch ms. */
  async function changeSeenBy({ process: server }: StartedServer, at: number): Promise<number> {
    for (;;) {
      const lines = readFileSync(server.options.logFile, 'utf8').trim().split('\n');
      const seen = lines
        .map((line) => JSON.parse(line) as LogLine)
        .filter(({ event }) => event === 'releases.changed')
        .map(({ time }) => Date.parse(time))
        .find((time) => time >= at);
      if (seen !== undefined) return seen;
      if (!server.isRunning) throw new Error(`${server.serverId} ended:\n${server.logTail()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
