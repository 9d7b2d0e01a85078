import { createHash } from 'node:crypto';
import { FrequentPlayers } from './frequent-players.js';

const mostCounted = 4;
const hashOf = (player: string): string =>
  createHash('sha256').update(player).digest('base64url').slice(0, 16);

describe('the players who have most of what is counted', () => {
  it.each([3, 5, 8, 40, 400])(
    'are found among %i, with less than a share of all taken from their weights',
    (players) => {
      const frequent = new FrequentPlayers(mostCounted, () => undefined);
      const exact = new Map<string, number>();
      let all = 0;
      for (let index = 0; index < 20_000; index += 1) {
        // The lower a number, the more often it comes, and the heavier: the first has a fifth to all of it.
        const player = `p${Math.floor(players * Math.random() ** 4)}`;
        const weight = 1 + Math.floor(10 * Math.random());
        frequent.count(player, weight);
        exact.set(player, (exact.get(player) ?? 0) + weight);
        all += weight;
      }
      const listed = new Map(frequent.list(Infinity).map(({ player, weight }) => [player, weight]));
      for (const [player, weight] of exact) {
        const counted = listed.get(hashOf(player)) ?? 0;
        expect(counted).toBeLessThanOrEqual(weight);
        expect(counted).toBeGreaterThan(weight - all / mostCounted);
      }
      expect(listed.size).toBeLessThanOrEqual(4 * mostCounted);
    },
  );

  it('keep what is kept of them, while thousands come who are asked for once', () => {
    const frequent = new FrequentPlayers<string[]>(mostCounted, () => []);
    for (let index = 0; index < 5_000; index += 1) {
      frequent.count('often', 1).push(`${index}`);
      frequent.count(`once-${index}`, 1).push('once');
    }
    const [first] = frequent.list(1);
    expect(first?.player).toBe(hashOf('often'));
    expect(first?.kept).toHaveLength(5_000);
  });
});
