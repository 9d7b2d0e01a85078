import type { INestApplicationContext } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { headers } from '@nats-io/nats-core';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openBoards, until } from '../test/boards-app.js';
import { type BoardOptions, checkBoards } from './boards/board.js';
import { BoardFolder } from './folding/board-folder.js';
import { ResultsAge } from './folding/results-age.js';
import { LeaderboardStore } from './store/leaderboard-store.js';
import { Leaderboards } from './views/leaderboards.js';
import { ResultLog } from './submission/result-log.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { resultSubject, scoreSubject } from './store/streams.js';

const boards: BoardOptions[] = [
  { name: 'duel', kind: 'sum' },
  { name: 'duel-best', topic: 'duel', kind: 'best' },
  { name: 'fastest', kind: 'best', order: 'lowest', decimals: 2 },
  { name: 'daily', kind: 'last', reset: { cron: '0 0 * * *', timeZone: 'Europe/Berlin' } },
  { name: 'shared', kind: 'sum', decimals: 0 },
  { name: 'poisoned', kind: 'sum' },
  { name: 'marked', kind: 'sum' },
];

describe('leaderboards', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let app: INestApplicationContext;
  let submitter: ScoreSubmitter;
  let leaderboards: Leaderboards;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    app = await openBoards(nats.address, { boards, serves: true });
    submitter = app.get(ScoreSubmitter);
    leaderboards = app.get(Leaderboards);
    await until(() => isLoaded(app));
  });
  afterAll(async () => {
    await app.close();
    await connection.close();
    await nats.destroy();
  });

  const shown = async (board: string): Promise<string[]> =>
    (await leaderboards.top(board)).entries.map(
      ({ rank, playerId, score }) => `${rank} ${playerId} ${score}`,
    );
  const shows = async (board: string, lines: string[]): Promise<void> => {
    await until(async () => (await shown(board)).join() === lines.join()).catch(async () =>
      expect(await shown(board)).toEqual(lines),
    );
  };

  it('count a match on every board of its topic, ties with one rank, floats exactly', async () => {
    const scores = (anna: number, ben: number) => [
      { playerId: 'anna', score: anna },
      { playerId: 'ben', score: ben },
    ];
    await submitter.submitResult({ topic: 'duel', id: 'm1', scores: scores(0.1, 0.3) });
    await submitter.submitResult({ topic: 'duel', id: 'm2', scores: scores(0.2, 0.2) });
    await submitter.submitResult({ topic: 'duel', id: 'm3', scores: scores(0.3, 0.1) });
    await submitter.submitScore({ topic: 'duel', id: 'm4', playerId: 'carl', score: 0.25 });
    await shows('duel', ['1 anna 0.6', '1 ben 0.6', '3 carl 0.25']);
    await shows('duel-best', ['1 anna 0.3', '1 ben 0.3', '3 carl 0.25']);
  });

  it('count a result whose id is the name of a mark of the framework', async () => {
    for (const name of ['quiet-7', 'settle-x']) {
      await app.get(ResultLog).mark('marked', name);
      await submitter.submitScore({ topic: 'marked', id: name, playerId: 'anna', score: 1 });
    }
    await submitter.submitScore({ topic: 'marked', id: 'quiet-8', playerId: 'anna', score: 1 });
    await app.get(ResultLog).mark('marked', 'quiet-8');
    await shows('marked', ['1 anna 3']);
  });

  it('give the top, a page further down, and a player with those around', async () => {
    const scores = Array.from({ length: 50 }, (_, index) => ({
      playerId: `p${10 + index}`,
      score: 60 + index,
    }));
    await submitter.submitResult({ topic: 'fastest', id: 'r1', scores });
    await until(async () => (await leaderboards.top('fastest')).players === 50);
    const page = await leaderboards.top('fastest', { offset: 48, limit: 5 });
    expect(page.entries).toEqual([
      { rank: 49, playerId: 'p58', score: 108 },
      { rank: 50, playerId: 'p59', score: 109 },
    ]);
    const view = await leaderboards.player('fastest', 'p11', { around: 2 });
    expect(view.player).toEqual({ rank: 2, playerId: 'p11', score: 61 });
    expect(view.entries.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect((await leaderboards.player('fastest', 'nobody')).player).toBeUndefined();
  });

  it('are asked for a period by its name, and know no other', async () => {
    await submitter.submitScore({ topic: 'daily', id: 'd1', playerId: 'anna', score: 4 });
    await shows('daily', ['1 anna 4']);
    const { period } = await leaderboards.top('daily');
    expect((await leaderboards.top('daily', { period: period.name })).entries).toHaveLength(1);
    expect(
      new Date(period.startsAt as string).toLocaleTimeString('de-DE', { timeZone: 'Europe/Berlin' }),
    ).toBe('00:00:00');
    for (const unknown of ['previous', '20200101T000001Z', 'all', '20991231T230000Z'])
      await expect(leaderboards.top('daily', { period: unknown })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    await expect(leaderboards.top('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('show the period that runs by the clock of NATS, though the machine is a day ahead', async () => {
    const { period } = await leaderboards.top('daily');
    const own = Date.now;
    const machine = jest.spyOn(Date, 'now').mockImplementation(() => own() + 86_400_000);
    try {
      expect((await leaderboards.top('daily')).period).toEqual(period);
      expect((await leaderboards.player('daily', 'anna')).period).toEqual(period);
    } finally {
      machine.mockRestore();
    }
  });

  describe('a result', () => {
    const result = (score: number) => ({
      topic: 'shared',
      id: 'once',
      scores: [{ playerId: 'anna', score }],
    });

    it('is stored and counted once, however often it is submitted at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => submitter.submitResult(result(5))));
      expect(answers.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
      await shows('shared', ['1 anna 5']);
      await submitter.submitScore({ topic: 'shared', id: 'other', playerId: 'anna', score: 1 });
      await shows('shared', ['1 anna 6']);
    });

    it('is refused when it differs from the first', async () => {
      await expect(submitter.submitResult(result(6))).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it.each<[string, object]>([
      ['a topic that is no token', { topic: 'a.b' }],
      ['an id that is no token', { id: '>' }],
      ['no scores', { scores: [] }],
      [
        'more than 200 scores',
        { scores: Array.from({ length: 201 }, (_, i) => ({ playerId: `p${i}`, score: 1 })) },
      ],
      ['a player who is no token', { scores: [{ playerId: 'a.b', score: 1 }] }],
      [
        'a player twice',
        {
          scores: [
            { playerId: 'a', score: 1 },
            { playerId: 'a', score: 1 },
          ],
        },
      ],
      ['no number', { scores: [{ playerId: 'a', score: Number.NaN }] }],
      ['a number out of bounds', { scores: [{ playerId: 'a', score: 1e10 }] }],
    ])('is refused for %s', async (_, wrong) => {
      await expect(submitter.submitResult({ ...result(1), ...wrong })).rejects.toMatchObject({
        code: 'INVALID',
      });
    });

    it.each<[string, unknown, string]>([
      ['JSON can not hold', { size: 1n }, 'INVALID'],
      ['would arrive as something else', { players: new Map() }, 'INVALID'],
      ['is larger than NATS takes', { replay: 'x'.repeat(1_100_000) }, 'TOO_LARGE'],
    ])('is refused for good where what it is about %s', async (_, about, code) => {
      const wrong = { ...result(1), id: 'about', about: about as Record<string, unknown> };
      await expect(submitter.submitResult(wrong)).rejects.toMatchObject({ code, retryable: false });
    });

    it('that is poison stops no other, before or after it, on its board or another', async () => {
      const put = async (id: string, payload: string): Promise<void> => {
        const given = headers();
        given.set('Nats-Expected-Last-Subject-Sequence', '0');
        await connection.request(resultSubject('poisoned', id), payload, { headers: given, timeout: 5_000 });
      };
      await submitter.submitScore({ topic: 'poisoned', id: 'a', playerId: 'anna', score: 1 });
      await put('not-json', '{"scores":[');
      await put('null', 'null');
      await put('no-list', '{"scores":7}');
      await put('half', '{"scores":[{"playerId":"a.b","score":1},null,{"playerId":"ben","score":2}]}');
      await connection.request(
        resultSubject('poisoned', 'plain'),
        '{"scores":[{"playerId":"eve","score":9}]}',
      );
      await submitter.submitScore({ topic: 'poisoned', id: 'b', playerId: 'anna', score: 1 });
      await shows('poisoned', ['1 anna 2', '1 ben 2']);
      // In the place of a score, too: the next result of that player is counted over it.
      for (const [playerId, text] of Object.entries({
        cas: '{}',
        dan: 'null',
        eva: '["9",1,1]',
        fay: 'no JSON',
      })) {
        const given = headers();
        given.set('Nats-Expected-Last-Subject-Sequence', '0');
        const subject = scoreSubject('poisoned', 'all', playerId);
        await connection.request(subject, text, { headers: given, timeout: 5_000 });
        await submitter.submitScore({ topic: 'poisoned', id: `of-${playerId}`, playerId, score: 1 });
      }
      const ones = ['cas', 'dan', 'eva', 'fay'].map((playerId) => `3 ${playerId} 1`);
      await shows('poisoned', ['1 anna 2', '1 ben 2', ...ones]);
      await submitter.submitScore({ topic: 'shared', id: 'after', playerId: 'zoe', score: 1 });
      await until(async () => (await leaderboards.player('shared', 'zoe')).player?.score === 1);
    });
  });

  it('are counted once by three servers at once, and shown by all of them', async () => {
    const others = await Promise.all(
      ['http-1', 'http-2'].map((id) => openBoards(nats.address, { boards, serves: true }, id)),
    );
    try {
      const { players } = await leaderboards.top('duel');
      const results = Array.from({ length: 600 }, (_, index) =>
        submitter.submitScore({
          topic: 'duel',
          id: `many-${index}`,
          playerId: index % 3 ? 'dora' : `x${index}`,
          score: 1,
        }),
      );
      await Promise.all(results);
      for (const one of [app, ...others]) {
        await until(() => isLoaded(one));
        await until(async () => (await one.get(Leaderboards).player('duel', 'dora')).player?.score === 400);
        await until(async () => (await one.get(Leaderboards).top('duel')).players === players + 201);
      }
    } finally {
      await Promise.all(others.map((one) => one.close()));
    }
  });

  it('are counted as fast as they come, though seven times as many of other topics lie between them', async () => {
    const [board] = checkBoards([{ name: 'rare', kind: 'sum' }]);
    const folder = new BoardFolder(board, app.get(LeaderboardStore));
    const age = await app.get(ResultsAge).get();
    const given = headers();
    given.set('Nats-Expected-Last-Subject-Sequence', '0');
    const payload = JSON.stringify({ scores: [{ playerId: 'anna', score: 1 }] });
    for (let index = 0; index < 240; index += 1) {
      const subject = resultSubject(index % 8 === 0 ? 'rare' : `other-${index % 8}`, `r${index}`);
      await connection.request(subject, payload, { headers: given, timeout: 15_000 });
    }
    const heard = 240 / 8 + 1;
    const outcomes = [await folder.fold(age, heard), await folder.fold(age, 1), await folder.fold(age, 1)];
    expect(outcomes).toEqual(['counted', 'counted', 'nothing']);
  });

  it('do not count by other rules than those that the scores stand by, and go on with the other boards', async () => {
    const changed = boards.map((board) =>
      board.name === 'duel' ? { ...board, kind: 'best' as const } : board,
    );
    await app.close();
    app = await openBoards(nats.address, { boards: changed, serves: true });
    submitter = app.get(ScoreSubmitter);
    leaderboards = app.get(Leaderboards);
    await until(() => isLoaded(app));
    const before = await shown('duel');
    await submitter.submitScore({ topic: 'duel', id: 'late', playerId: 'carl', score: 99 });
    await until(async () => (await leaderboards.player('duel-best', 'carl')).player?.rank === 1);
    expect(await shown('duel')).toEqual(before);
  });
});

async function isLoaded(app: INestApplicationContext): Promise<boolean> {
  return app
    .get(Leaderboards)
    .top('duel')
    .then(
      () => true,
      () => false,
    );
}
