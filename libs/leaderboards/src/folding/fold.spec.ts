import fc from 'fast-check';
import { type BoardOptions, checkBoards } from '../boards/board.js';
import type { Board } from '../boards/boards.js';
import type { ScoreRecord } from '../store/records.js';
import { type CountedResult, countResults, goodScores } from './fold.js';

const since = 1_700_000_000;

function boardOf(options: Partial<BoardOptions>): Board {
  return checkBoards([{ name: 'duel', kind: 'sum', ...options }])[0];
}

const resultOf = (seq: number, scores: Record<string, number>): CountedResult => ({
  seq,
  period: 'all',
  scores: Object.entries(scores).map(([playerId, score]) => ({ playerId, score })),
});

/** Folds all results, a slice at a time. */
function foldInSlices(
  board: Board,
  results: readonly CountedResult[],
  size: number,
): Map<string, ScoreRecord> {
  const standing = new Map<string, ScoreRecord>();
  for (let start = 0; start < results.length; start += size) {
    const slice = results.slice(start, start + size);
    for (const [key, record] of countResults(board, slice, standing, since)) standing.set(key, record);
  }
  return standing;
}

const units = (standing: ReadonlyMap<string, ScoreRecord>): Record<string, number> =>
  Object.fromEntries([...standing].map(([key, [score]]) => [key, score]));

describe('the count of results', () => {
  it('adds 0.1, 0.2 and 0.3 to the same score in any order', () => {
    const board = boardOf({ decimals: 1 });
    const results = [
      resultOf(1, { anna: 0.1, ben: 0.3 }),
      resultOf(2, { anna: 0.2, ben: 0.2 }),
      resultOf(3, { anna: 0.3, ben: 0.1 }),
    ];
    expect(units(foldInSlices(board, results, 2))).toEqual({ 'all.anna': 6, 'all.ben': 6 });
  });

  it('gives the best, the sum and the last, and the lowest where that is the better one', () => {
    const results = [resultOf(1, { anna: 5 }), resultOf(2, { anna: 9 }), resultOf(3, { anna: 7 })];
    const scoreOn = (options: Partial<BoardOptions>): number | undefined =>
      units(foldInSlices(boardOf({ decimals: 0, ...options }), results, 1))['all.anna'];
    expect(scoreOn({ kind: 'best' })).toBe(9);
    expect(scoreOn({ kind: 'best', order: 'lowest' })).toBe(5);
    expect(scoreOn({ kind: 'sum' })).toBe(21);
    expect(scoreOn({ kind: 'last' })).toBe(7);
  });

  it('is the same in slices of any size, and when it begins again from anywhere', () => {
    const score = fc.integer({ min: -50, max: 50 }).map((value) => value / 8);
    const results = fc.array(fc.record({ anna: score, ben: score }), { minLength: 1, maxLength: 30 });
    const kind = fc.constantFrom<BoardOptions['kind']>('best', 'sum', 'last');
    const place = fc.nat({ max: 29 });
    fc.assert(
      fc.property(results, kind, fc.integer({ min: 1, max: 9 }), place, (list, by, size, restart) => {
        const board = boardOf({ kind: by });
        const all = list.map((scores, index) => resultOf(index + 1, scores));
        const once = foldInSlices(board, all, all.length);
        expect(units(foldInSlices(board, all, size))).toEqual(units(once));
        const again = countResults(board, all.slice(Math.min(restart, all.length - 1)), once, since);
        expect([...again]).toEqual([]);
      }),
    );
  });

  it('writes a last score that is the same, as a replica of NATS may have shown an older one', () => {
    const standing = new Map<string, ScoreRecord>([['all.anna', [10, 1, since]]]);
    const changed = countResults(
      boardOf({ kind: 'last', decimals: 0 }),
      [resultOf(3, { anna: 10 })],
      standing,
      since,
    );
    expect([...changed]).toEqual([['all.anna', [10, 3, since]]]);
  });

  it('begins anew with a stream that was made anew', () => {
    const board = boardOf({ decimals: 0 });
    const standing = new Map<string, ScoreRecord>([['all.anna', [10, 500, since]]]);
    expect(countResults(board, [resultOf(1, { anna: 1 })], standing, since).size).toBe(0);
    expect([...countResults(board, [resultOf(1, { anna: 1 })], standing, since + 60)]).toEqual([
      ['all.anna', [11, 1, since + 60]],
    ]);
  });

  it('ends at the largest number that is exact, and goes on from there', () => {
    const board = boardOf({ decimals: 6 });
    const most = new Map<string, ScoreRecord>([['all.anna', [Number.MAX_SAFE_INTEGER - 5, 1, since]]]);
    expect([...countResults(board, [resultOf(2, { anna: 1e9 })], most, since).values()]).toEqual([
      [Number.MAX_SAFE_INTEGER, 2, since],
    ]);
  });

  it('leaves out values that are no score or no player, and keeps the others of the result', () => {
    const scores: any[] = [
      { playerId: 'anna', score: 3 },
      { playerId: 'a.>', score: 3 },
      { playerId: 'ben', score: 'three' },
      { playerId: 'carl', score: 1e99 },
      { playerId: 'dora', score: null },
    ];
    expect(goodScores({ scores })).toEqual({ good: [scores[0]], bad: 4 });
  });
});
