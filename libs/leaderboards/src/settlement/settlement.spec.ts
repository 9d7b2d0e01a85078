import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNats } from '@ccgame/testing';
import { boardOf, openBoards, seedScores, type ShiftedPeriods, shiftPeriods } from '../../test/boards-app.js';
import type { BoardOptions } from '../boards/board.js';
import { BoardFolder } from '../folding/board-folder.js';
import { ResultsAge } from '../folding/results-age.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import {
  cursorSubject,
  periodSubject,
  scoresStream,
  settledStream,
  settledSubject,
} from '../store/streams.js';
import { ScoreSubmitter } from '../submission/score-submitter.js';
import { Leaderboards } from '../views/leaderboards.js';
import { LeaderboardRewards, type SettledPage } from './rewards.js';
import { SettlementService } from './settlement.service.js';

const dayMs = 24 * 3600 * 1000;
const reset = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };
const daily = (name: string): BoardOptions => ({ name, kind: 'sum', decimals: 0, reset });
const boards = ['broken', 'small', 'large', 'missed', 'rewarded'].map(daily);

/** The game's rewards: what was given, and what is to fail. */
class Rewards extends LeaderboardRewards {
  static readonly given: SettledPage[] = [];
  static failing = new Set<string>();

  async reward(page: SettledPage): Promise<void> {
    if (Rewards.failing.has(page.key)) throw Object.assign(new Error('No'), { n: 1n });
    Rewards.given.push(page);
  }
}

describe('a settlement', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let server: INestApplicationContext;
  let job: INestApplicationContext;
  let settlement: SettlementService;
  const givenOf = (board: string): SettledPage[] => Rewards.given.filter((page) => page.board === board);
  const periods = new Map<string, ShiftedPeriods>();

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    server = await openBoards(nats.address, { boards: [], serves: true }, 'http-0');
    job = await openBoards(nats.address, { boards, rewards: Rewards }, 'cron-0');
    settlement = job.get(SettlementService);
    for (const { name } of boards) periods.set(name, shiftPeriods(job, name, reset));
  });
  afterAll(async () => {
    await Promise.all([job.close(), server.close()]);
    await connection.close();
    await nats.destroy();
  });

  const shift = (board: string, days: number): void => {
    (periods.get(board) as ShiftedPeriods).shiftMs = days * dayMs;
  };
  const periodNow = (board: string): string => boardOf(job, board).periods.at(Date.now()).name;
  const submit = (board: string, id: string, playerId: string, score: number): Promise<unknown> =>
    job.get(ScoreSubmitter).submitScore({ topic: board, id, playerId, score });

  async function foldAll(board: string): Promise<void> {
    const folder = new BoardFolder(boardOf(job, board), job.get(LeaderboardStore));
    const age = await job.get(ResultsAge).get();
    while ((await folder.fold(age)) !== 'nothing');
  }

  async function stored(stream: string, subject: string): Promise<number> {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(stream, { subjects_filter: subject });
    return Object.keys(state.subjects ?? {}).length;
  }

  /** The view of a server that has no such board in memory. */
  function archived(board: string): Promise<Leaderboards> {
    const options = { boards: boards.filter(({ name }) => name === board), serves: true };
    return openBoards(nats.address, options, 'http-1').then(async (app) => {
      closers.push(() => app.close());
      return app.get(Leaderboards);
    });
  }
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it('leaves the period that is not over alone, and says so', async () => {
    shift('small', -1);
    await submit('small', 's1', 'anna', 3);
    const report = await settlement.settle({ board: 'small' });
    expect(report).toEqual({
      settled: [],
      skipped: [{ board: 'small', period: periodNow('small'), reason: 'is not over' }],
      failed: [],
    });
  });

  it('closes a period that is over once, for five jobs at a time', async () => {
    shift('small', -1);
    const period = periodNow('small');
    await submit('small', 's1', 'anna', 3);
    await submit('small', 's2', 'ben', 3);
    await submit('small', 's3', 'carl', 1);
    await foldAll('small');
    shift('small', 0);
    const jobs = await Promise.all(Array.from({ length: 5 }, () => settlement.settle({ board: 'small' })));
    expect(jobs.flatMap(({ failed }) => failed)).toEqual([]);
    const leaderboards = await archived('small');
    const view = await leaderboards.top('small', { period });
    expect(view).toMatchObject({ isSettled: true, players: 3, period: { name: period } });
    expect(view.entries).toEqual([
      { rank: 1, playerId: 'anna', score: 3 },
      { rank: 1, playerId: 'ben', score: 3 },
      { rank: 3, playerId: 'carl', score: 1 },
    ]);
    expect(await stored(scoresStream.name, `leaderboards.*.small.>`)).toBe(0);
    const again = await settlement.settle({ board: 'small', period });
    expect(again.skipped).toEqual([
      { board: 'small', period, reason: 'is settled already, or nobody played' },
    ]);
  });

  it('holds 17,000 players, whose results one message could not, and pages, ranks and surroundings of them', async () => {
    shift('large', -1);
    const period = periodNow('large');
    for (let match = 0; match < 85; match++) {
      const players = Array.from({ length: 200 }, (_, index) => match * 200 + index);
      const scores = players.map((player) => ({
        playerId: `player-${player}`,
        score: Math.floor(player / 2),
      }));
      await job.get(ScoreSubmitter).submitResult({ topic: 'large', id: `match-${match}`, scores });
    }
    await foldAll('large');
    shift('large', 0);
    const { settled, failed } = await settlement.settle({ board: 'large' });
    expect([settled, failed]).toEqual([[{ board: 'large', period, players: 17_000 }], []]);
    const leaderboards = await archived('large');
    const page = await leaderboards.top('large', { period, offset: 995, limit: 10 });
    expect(page.entries.map(({ rank, score }) => [rank, score])).toEqual(
      Array.from({ length: 10 }, (_, index) => Math.floor((995 + index) / 2)).map((pair) => [
        2 * pair + 1,
        8_499 - pair,
      ]),
    );
    const view = await leaderboards.player('large', 'player-1', { period, around: 2 });
    expect(view.player).toEqual({ rank: 16_999, playerId: 'player-1', score: 0 });
    expect(view.entries.map(({ playerId }) => playerId)).toEqual(['player-3', 'player-0', 'player-1']);
  });

  it('holds 60,000 players, and frees the stream that servers follow', async () => {
    const period = boardOf(job, 'large').periods.before(boardOf(job, 'large').periods.at(Date.now() - dayMs))
      ?.name as string;
    const players = 60_000;
    await seedScores(job, 'large', period, players, (index) => index % 1_000);
    const record = JSON.stringify({ startsAt: 1, endsAt: 2, lastSeq: players });
    await job
      .get(LeaderboardStore)
      .write([{ subject: periodSubject('large', period), payload: record, expected: 0 }]);
    const { settled, failed } = await settlement.settle({ board: 'large', period });
    expect([settled, failed]).toEqual([[{ board: 'large', period, players }], []]);
    const leaderboards = await archived('large');
    expect((await leaderboards.player('large', 'player-59000', { period })).player?.rank).toBe(59_941);
    expect((await leaderboards.top('large', { period, offset: 59_999 })).entries).toHaveLength(1);
    expect(await stored(scoresStream.name, 'leaderboards.score.large.>')).toBe(0);
    expect(await stored(settledStream.name, settledSubject('large', period, '>'))).toBe(122);
  });

  it('makes up for ten days that it missed, each by itself', async () => {
    const names: string[] = [];
    for (let day = -10; day < 0; day++) {
      shift('missed', day);
      names.push(periodNow('missed'));
      await submit('missed', `day${-day}`, 'anna', -day);
      await foldAll('missed');
    }
    shift('missed', 0);
    await submit('missed', 'today', 'anna', 100);
    const { settled, skipped, failed } = await settlement.settle({ board: 'missed' });
    expect(settled).toEqual(names.map((period) => ({ board: 'missed', period, players: 1 })));
    expect([skipped, failed]).toEqual([
      [{ board: 'missed', period: periodNow('missed'), reason: 'is not over' }],
      [],
    ]);
    const leaderboards = await archived('missed');
    for (const [index, period] of names.entries())
      expect((await leaderboards.top('missed', { period })).entries[0]?.score).toBe(10 - index);
  });

  it('gives the rewards of every page though one fails, tells it, and gives that one later', async () => {
    shift('rewarded', -1);
    const period = periodNow('rewarded');
    await seedScores(job, 'rewarded', period, 2_500, (index) => index);
    await submit('rewarded', 'last', 'anna', 9_999);
    await foldAll('rewarded');
    shift('rewarded', 0);
    const key = `rewarded.${period}.1`;
    Rewards.failing.add(key);
    const first = await settlement.settle({ board: 'rewarded' });
    expect(first.settled).toEqual([{ board: 'rewarded', period, players: 2_501 }]);
    expect(first.failed).toEqual([{ board: 'rewarded', period, reason: 'rewards failed of the pages 1' }]);
    expect(givenOf('rewarded').map(({ entries }) => entries.length)).toEqual([1_000, 501]);
    expect(givenOf('rewarded')[0]?.entries[0]).toEqual({ rank: 1, playerId: 'anna', score: 9_999 });
    Rewards.failing.clear();
    const second = await settlement.settle({ board: 'rewarded' });
    expect(second.failed).toEqual([]);
    expect(givenOf('rewarded').map(({ key: given }) => given.at(-1))).toEqual(['0', '2', '1']);
    expect((await settlement.settle({ board: 'rewarded' })).settled).toEqual([]);
  });

  it('goes on with the other boards where one fails, and says which', async () => {
    await submit('broken', 'b1', 'anna', 1);
    await foldAll('broken');
    const store = job.get(LeaderboardStore);
    const { seq } = await store.read(scoresStream.name, cursorSubject('broken'));
    await store.write([{ subject: cursorSubject('broken'), payload: '{"seq":', expected: seq }]);
    shift('missed', 1);
    const { settled, failed } = await settlement.settle();
    expect(failed).toEqual([{ board: 'broken', reason: expect.stringContaining('JSON') }]);
    expect(settled.map(({ board }) => board)).toContain('missed');
  });

  it('is refused for a board or period that there can not be', async () => {
    await expect(settlement.settle({ board: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(settlement.settle({ period: 'yesterday' })).rejects.toMatchObject({ code: 'INVALID' });
  });
});
