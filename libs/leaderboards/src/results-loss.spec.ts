import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpStreams, readBackup, restoreFromFolder } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { INestApplicationContext } from '@nestjs/common';
import { openBoards, until } from '../test/boards-app.js';
import { resultsStream } from './store/streams.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { Leaderboards } from './views/leaderboards.js';

describe('results that come after a loss of counted ones', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let app: INestApplicationContext;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccgame-loss-'));
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    app = await openBoards(nats.address, { boards: [{ name: 'duel', kind: 'sum' }], serves: true });
  });
  afterAll(async () => {
    await app.close();
    await connection.close();
    await nats.destroy();
    await rm(folder, { recursive: true });
  });

  async function play(from: number, count: number): Promise<void> {
    for (let match = from; match < from + count; match++)
      await app
        .get(ScoreSubmitter)
        .submitScore({ topic: 'duel', id: `m${match}`, playerId: 'anna', score: 1 });
  }

  const score = async (): Promise<number | undefined> =>
    (await app.get(Leaderboards).player('duel', 'anna')).player?.score;
  const untilScore = (expected: number): Promise<void> =>
    until(async () => (await score()) === expected).catch(async () => expect(await score()).toBe(expected));

  /** The results are those of the backup again; the boards are as they were. */
  async function restore(backup: string): Promise<void> {
    await (await jetstreamManager(connection)).streams.delete(resultsStream.name);
    const head = (await readBackup(backup)).find(({ config }) => config.name === resultsStream.name);
    await restoreFromFolder(connection, backup, head as Exclude<typeof head, undefined>);
  }

  it('count, each once, though they have the sequences of those', async () => {
    await play(0, 3);
    await until(() =>
      score().then(
        (one) => one === 3,
        () => false,
      ),
    );
    const backup = join(folder, 'backup');
    await backUpStreams(connection, backup);
    await play(3, 4);
    await untilScore(7);
    await restore(backup);
    await play(7, 2);
    await untilScore(9);
    await play(9, 5);
    await untilScore(14);
    // More than were lost, before anybody can see that the stream is shorter.
    await restore(backup);
    await Promise.all(Array.from({ length: 40 }, (_, index) => play(14 + index, 1)));
    await untilScore(54);
  });
});
