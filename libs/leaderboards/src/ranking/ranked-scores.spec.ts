import fc from 'fast-check';
import { RankedScores, type RankedPlayer } from './ranked-scores.js';

type Order = 'highest' | 'lowest';

/** The same by sorting everything. */
function rankBySorting(scores: ReadonlyMap<string, number>, order: Order): RankedPlayer[] {
  const better = (x: number, y: number): number => (order === 'highest' ? y - x : x - y);
  const sorted = [...scores].sort(([a, x], [b, y]) => better(x, y) || (a < b ? -1 : 1));
  return sorted.map(([playerId, units]) => ({
    rank: 1 + sorted.filter(([, other]) => better(other, units) < 0).length,
    playerId,
    units,
  }));
}

function expectSame(ranked: RankedScores, scores: ReadonlyMap<string, number>, order: Order): void {
  const all = rankBySorting(scores, order);
  expect(ranked.size).toBe(all.length);
  expect([...ranked.all()]).toEqual(all);
  for (const [position, player] of all.entries()) {
    expect(ranked.find(player.playerId)).toEqual({ player, position });
    expect(ranked.page(position, 3)).toEqual(all.slice(position, position + 3));
  }
  expect(ranked.page(all.length, 3)).toEqual([]);
  expect(ranked.find('nobody')).toBeUndefined();
}

const playerId = fc.stringMatching(/^[A-C]{1,2}$/);
const order = fc.constantFrom<Order>('highest', 'lowest');

describe('ranked scores', () => {
  it('rank as sorting does, whatever was set in whatever order, with many ties', () => {
    const changes = fc.array(fc.tuple(playerId, fc.integer({ min: -3, max: 3 })), { maxLength: 60 });
    fc.assert(
      fc.property(changes, order, (list, by) => {
        const ranked = new RankedScores(by);
        const scores = new Map<string, number>();
        for (const [id, units] of list) {
          ranked.set(id, units);
          scores.set(id, units);
        }
        expectSame(ranked, scores, by);
      }),
    );
  });

  it('rank as sorting does when buckets split, empty and are made anew', () => {
    const seeds = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 1e6 }), order);
    const players = 3_000;
    fc.assert(
      fc.property(seeds, ([seed, spread, by]) => {
        const ranked = new RankedScores(by);
        const scores = new Map<string, number>();
        // Each is set twice: first all over, then all moved to one end, which empties the buckets of the other.
        for (let turn = 0; turn < 2 * players; turn++) {
          const id = `p${(turn * 7919 + seed) % players}`;
          const units = turn < players ? (turn * seed) % spread : 10 * spread + (turn % 50);
          ranked.set(id, units);
          scores.set(id, units);
        }
        expect([...ranked.all()]).toEqual(rankByCounting(scores, by));
        for (let position = 0; position < players; position += 211) {
          expect(ranked.page(position, 5)).toEqual(rankByCounting(scores, by).slice(position, position + 5));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('hold many players in no one table, which would be moved as a whole when it grows', () => {
    const ranked = new RankedScores('highest');
    let largest = 0;
    const { set } = Map.prototype;
    const spy = jest.spyOn(Map.prototype, 'set').mockImplementation(function (
      this: Map<unknown, unknown>,
      ...entry
    ) {
      largest = Math.max(largest, this.size);
      return set.apply(this, entry);
    });
    for (let index = 0; index < 100_000; index += 1) ranked.set(`player-${index}`, index % 1_000);
    spy.mockRestore();
    expect(ranked.size).toBe(100_000);
    expect(ranked.find('player-99')).toMatchObject({ player: { units: 99 } });
    expect(largest).toBeLessThan(1_000);
  });

  it('of a million players cost a result and a page no more than a moment', () => {
    const ranked = new RankedScores('highest');
    for (let index = 0; index < 1_000_000; index += 1)
      ranked.set(`player-${index}`, (index * 7_919) % 1_000_003);
    const asked = 1_000;
    const before = process.cpuUsage();
    for (let turn = 0; turn < asked; turn += 1) {
      const playerId = `player-${(turn * 991) % 1_000_000}`;
      ranked.set(playerId, (turn * 104_729) % 1_000_003);
      const { position = 0 } = ranked.find(playerId) ?? {};
      expect(ranked.page(Math.max(0, position - 50), 101).length).toBeGreaterThan(50);
    }
    const { user, system } = process.cpuUsage(before);
    expect(ranked.size).toBe(1_000_000);
    // To sort them takes half a second.
    expect((user + system) / 1_000 / asked).toBeLessThan(5);
  });

  it('give equal scores one rank, and the next player the rank behind all of them', () => {
    const ranked = new RankedScores('highest');
    for (const [id, units] of [
      ['a', 1],
      ['b', 5],
      ['c', 5],
      ['d', 9],
      ['e', 5],
    ] as const)
      ranked.set(id, units);
    expect([...ranked.all()].map(({ rank, playerId: id }) => `${rank}${id}`)).toEqual([
      '1d',
      '2b',
      '2c',
      '2e',
      '5a',
    ]);
    expect(ranked.page(3, 2).map(({ rank }) => rank)).toEqual([2, 5]);
  });
});

/** As {@link rankBySorting}, for many players. */
function rankByCounting(scores: ReadonlyMap<string, number>, by: Order): RankedPlayer[] {
  const sorted = [...scores].sort(([a, x], [b, y]) => (by === 'highest' ? y - x : x - y) || (a < b ? -1 : 1));
  let rank = 0;
  return sorted.map(([playerId, units], index) => {
    if (sorted[index - 1]?.[1] !== units) rank = index + 1;
    return { rank, playerId, units };
  });
}
