import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openBoards, seedPeriod, seedScores, until } from '../../test/boards-app.js';
import type { LeaderboardsOptions } from '../leaderboards.module.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { periodSubject, scoresStream } from '../store/streams.js';
import { ScoreSubmitter } from '../submission/score-submitter.js';
import { Leaderboards } from '../views/leaderboards.js';
import { LiveBoards } from './live-boards.js';

const players = 5_000;

describe('boards in memory', () => {
  let nats: NatsServer;
  let app: INestApplicationContext;

  beforeAll(async () => {
    nats = await startNats();
    const boards = ['duel', 'day'].map((name) => ({ name, kind: 'sum' as const }));
    app = await openBoards(nats.address, { boards, serves: true });
  });
  afterAll(async () => {
    await app.close();
    await nats.destroy();
  });

  /** Undefined: NATS is away, or the server has not loaded them in time. */
  async function shownPlayers(): Promise<number | undefined> {
    try {
      return (await app.get(Leaderboards).top('duel')).players;
    } catch (error) {
      expect(error).toMatchObject({ code: 'BUSY' });
      return undefined;
    }
  }

  it('are never shown in part while they are read again, as after a restore', async () => {
    await seedScores(app, 'duel', 'all', players, (index) => index);
    await until(async () => (await shownPlayers()) === players);
    await nats.stop();
    const [files, kept] = [join(nats.folder, 'jetstream'), join(nats.folder, 'kept')];
    cpSync(files, kept, { recursive: true });
    await nats.start();
    const submit = (): Promise<boolean> =>
      app
        .get(ScoreSubmitter)
        .submitScore({ topic: 'duel', id: 'late', playerId: 'late', score: 1 })
        .then(
          () => true,
          () => false,
        );
    await until(submit);
    await until(async () => (await shownPlayers()) === players + 1);
    await nats.stop('SIGKILL');
    rmSync(files, { recursive: true });
    renameSync(kept, files);
    await nats.start();
    const shown = new Set<number | undefined>();
    while (!shown.has(players)) {
      shown.add(await shownPlayers());
      await new Promise((resolve) => setImmediate(resolve));
    }
    shown.delete(undefined);
    expect(shown).toEqual(new Set([players + 1, players]));
  }, 60_000);

  it('keep the end of a period that they knew, where what stands in its place is none', async () => {
    const startsAt = Date.parse('2026-11-28T00:00:00Z');
    const period = { name: '20261128T000000Z', startsAt, endsAt: startsAt + 86_400_000 };
    await seedPeriod(app, 'day', period, 1);
    const live = app.get(LiveBoards);
    await until(() => live.periods('day')[0]?.endsAt === period.endsAt);
    const [store, subject] = [app.get(LeaderboardStore), periodSubject('day', period.name)];
    const { seq } = await store.read(scoresStream.name, subject);
    await store.write([{ subject, payload: 'null', expected: seq }]);
    await seedScores(app, 'day', 'last', 1, () => 1);
    await until(() => live.scores('day', 'last') !== undefined);
    expect(live.periods('day')[0]).toEqual(period);
  });

  it('are shown to whoever asks while a server that just started loads them', async () => {
    const options: LeaderboardsOptions = { boards: [{ name: 'duel', kind: 'sum' }], serves: true };
    const started = await openBoards(nats.address, options, 'http-1');
    try {
      await expect(started.get(Leaderboards).top('duel')).resolves.toMatchObject({ players });
    } finally {
      await started.close();
    }
  });
});
