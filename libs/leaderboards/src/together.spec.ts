import type { INestApplicationContext } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openBoards, shiftPeriods, type ShiftedPeriods, until } from '../test/boards-app.js';
import type { BoardOptions } from './boards/board.js';
import { SettlementService } from './settlement/settlement.service.js';
import { LeaderboardStore } from './store/leaderboard-store.js';
import { cursorSubject, scoresStream } from './store/streams.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { Leaderboards } from './views/leaderboards.js';

const dayMs = 24 * 3600 * 1000;
const reset = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };
const boards: BoardOptions[] = [
  { name: 'daily', kind: 'sum', decimals: 0, reset },
  { name: 'ever', topic: 'daily', kind: 'sum', decimals: 0 },
  { name: 'laps', kind: 'best', order: 'lowest', decimals: 3, reset },
  { name: 'streak', kind: 'last', decimals: 0, reset },
  { name: 'broken', kind: 'sum', decimals: 0, reset },
];

/** The pairs of docs/leaderboards.md that need a job and a server. */
describe('features of leaderboards that an ordinary game uses together', () => {
  let nats: NatsServer;
  let server: INestApplicationContext;
  let job: INestApplicationContext;
  let days: ShiftedPeriods[];

  beforeAll(async () => {
    nats = await startNats();
    server = await openBoards(nats.address, { boards, serves: true }, 'http-0');
    job = await openBoards(nats.address, { boards }, 'cron-0');
    const names = boards.flatMap(({ name, reset: isReset }) => (isReset ? [name] : []));
    days = [server, job].flatMap((app) => names.map((board) => shiftPeriods(app, board, reset)));
  });
  afterAll(async () => {
    await Promise.all([server.close(), job.close()]);
    await nats.destroy();
  });

  const nextDay = (): void => days.forEach((one) => (one.shiftMs += dayMs));
  const submit = (topic: string, id: string, playerId: string, score: number) =>
    server.get(ScoreSubmitter).submitScore({ topic, id, playerId, score });
  const settle = (options = {}) => job.get(SettlementService).settle(options);
  const shown = async (board: string, period = 'current', app = server): Promise<Record<string, number>> => {
    const { entries } = await app.get(Leaderboards).top(board, { period });
    return Object.fromEntries(entries.map(({ playerId, score }) => [playerId, score]));
  };
  const untilShown = (board: string, expected: object, period?: string): Promise<void> =>
    until(async () => JSON.stringify(await shown(board, period)) === JSON.stringify(expected));

  /** Nobody can count it, or settle it, from here on. */
  async function breakCursor(board: string): Promise<void> {
    const store = job.get(LeaderboardStore);
    await until(async () => {
      const { seq } = await store.read(scoresStream.name, cursorSubject(board));
      const write = store.write([{ subject: cursorSubject(board), payload: '{"seq":', expected: seq }]);
      return write.then(Boolean, () => false);
    });
  }

  it('a period’s end and once: a result that is reported again in the next period counts in neither twice', async () => {
    await submit('daily', 'd1', 'anna', 3);
    await untilShown('daily', { anna: 3 });
    nextDay();
    expect(await submit('daily', 'd1', 'anna', 3)).toMatchObject({ isRepeated: true });
    await submit('daily', 'd2', 'ben', 1);
    await untilShown('daily', { ben: 1 });
    expect(await shown('daily', 'previous')).toEqual({ anna: 3 });
    await untilShown('ever', { anna: 3, ben: 1 });
  });

  it('settling and once: a result of a settled period that is reported again changes nothing', async () => {
    await settle();
    expect(await submit('daily', 'd1', 'anna', 3)).toMatchObject({ isRepeated: true });
    await submit('daily', 'd3', 'cleo', 2);
    await untilShown('daily', { cleo: 2, ben: 1 });
    expect(await shown('daily', 'previous')).toEqual({ anna: 3 });
  });

  it('settling and a board without an end of the same topic: it keeps its scores, and goes on', async () => {
    await untilShown('ever', { anna: 3, cleo: 2, ben: 1 });
    expect((await settle({ board: 'ever' })).skipped).toEqual([{ board: 'ever', reason: 'is never reset' }]);
    expect(await shown('ever')).toEqual({ anna: 3, cleo: 2, ben: 1 });
  });

  it('settling and ties: ranks, and those around a player, are the same before and after', async () => {
    for (const [index, player] of ['a', 'b', 'c', 'd', 'e'].entries())
      await submit('laps', `l${index}`, player, index < 3 ? 61.5 : 62);
    await untilShown('laps', { a: 61.5, b: 61.5, c: 61.5, d: 62, e: 62 });
    const views = (period: string) =>
      Promise.all(['b', 'd'].map((id) => server.get(Leaderboards).player('laps', id, { around: 1, period })));
    const before = await views('current');
    expect(before.map(({ player }) => player?.rank)).toEqual([1, 4]);
    nextDay();
    await settle();
    const after = await views('previous');
    expect(after.map(({ isSettled }) => isSettled)).toEqual([true, true]);
    expect(after.map(({ entries, player }) => ({ entries, player }))).toEqual(
      before.map(({ entries, player }) => ({ entries, player })),
    );
  });

  it('settling and a start: a server that starts afterwards shows the settled and the running period', async () => {
    await submit('laps', 'late', 'a', 60);
    await untilShown('laps', { a: 60 });
    const other = await openBoards(nats.address, { boards, serves: true }, 'http-1');
    try {
      shiftPeriods(other, 'laps', reset).shiftMs = days[0]?.shiftMs ?? 0;
      await until(() => shown('laps', 'current', other).then(Boolean, () => false));
      expect(await shown('laps', 'current', other)).toEqual({ a: 60 });
      expect(await shown('laps', 'previous', other)).toEqual({ a: 61.5, b: 61.5, c: 61.5, d: 62, e: 62 });
    } finally {
      await other.close();
    }
  });

  it('five boards at once: they are counted, read and settled side by side, and one that fails holds up no other', async () => {
    const names = boards.map(({ name }) => name);
    const good = ['daily', 'laps', 'streak'];
    const view = (board: string, period?: string) => server.get(Leaderboards).top(board, { period });
    const submitAll = (round: number) =>
      [...good, 'broken'].flatMap((topic) =>
        Array.from({ length: 40 }, (_, player) => submit(topic, `${round}-${player}`, `p${player}`, player)),
      );
    const untilCounted = (some: readonly string[]): Promise<void> =>
      until(async () => (await Promise.all(some.map((one) => view(one)))).every(isFull));
    const isFull = ({ players }: { players: number }): boolean => players >= 40;
    await Promise.all(submitAll(1));
    await untilCounted(names);
    const played = await Promise.all(good.map((board) => view(board)));
    await breakCursor('broken');
    nextDay();
    const reads = Array.from({ length: 40 }, (_, index) => view(names[index % 5]));
    const [first, second] = await Promise.all([settle(), settle(), ...submitAll(2), ...reads]);
    expect([...first.failed, ...second.failed]).toEqual(
      Array(2).fill({ board: 'broken', reason: expect.stringContaining('JSON') }),
    );
    await untilCounted([...good, 'ever']);
    const settled = await Promise.all(good.map((board) => view(board, 'previous')));
    expect(settled.map(({ isSettled, players, entries }) => [isSettled, players, entries])).toEqual(
      played.map(({ players, entries }) => [true, players, entries]),
    );
    expect((await server.get(Leaderboards).player('ever', 'p39')).player?.score).toBe(78);
    expect((await view('broken')).players).toBe(0);
  });
});
