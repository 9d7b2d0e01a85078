import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpStreams, readBackup, restoreFromFolder } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { INestApplicationContext } from '@nestjs/common';
import { openBoards, until } from '../test/boards-app.js';
import { checkBoards } from './boards/board.js';
import { toUnits } from './boards/score-units.js';
import { BoardFolder } from './folding/board-folder.js';
import { ResultsAge } from './folding/results-age.js';
import { LeaderboardStore } from './store/leaderboard-store.js';
import type { ScoreRecord } from './store/records.js';
import { resultsStream, scoresStream, scoreSubject } from './store/streams.js';
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

  const submit = (topic: string, id: string): Promise<unknown> =>
    app.get(ScoreSubmitter).submitScore({ topic, id, playerId: 'anna', score: 1 });
  async function play(from: number, count: number): Promise<void> {
    for (let match = from; match < from + count; match++) await submit('duel', `m${match}`);
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

  it('count once where the scores are lost too, and a server has not heard of that yet', async () => {
    const { streams } = await jetstreamManager(connection);
    const [late] = checkBoards([{ name: 'late', kind: 'sum' }]);
    const store = app.get(LeaderboardStore);
    const folder = new BoardFolder(late, store);
    const ageNow = () => new ResultsAge(store).get();
    // Its age is told in seconds: the next stream shall have another.
    const { since, now } = await ageNow();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, since * 1_000 + 1_100 - now)));
    const old = await ageNow();
    const names = [resultsStream.name, scoresStream.name];
    await Promise.all(names.map((name) => streams.delete(name)));
    await until(() => Promise.all(names.map((name) => streams.info(name))).then(Boolean, () => false));
    for (const id of ['a', 'b', 'c']) await submit('late', id);
    expect(await folder.fold(old)).toBe('raced');
    expect(await folder.cursor()).toEqual({ record: undefined, seq: 0 });
    while ((await folder.fold(await ageNow())) !== 'nothing');
    const subject = scoreSubject('late', late.periods.at(now).name, 'anna');
    expect((await store.read<ScoreRecord>(scoresStream.name, subject)).record?.[0]).toBe(
      toUnits(3, late.decimals),
    );
  });
});
