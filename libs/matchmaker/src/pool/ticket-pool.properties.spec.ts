import fc from 'fast-check';
import { anyEvent, anyMode } from './test/arbitraries.js';
import { canMatch, faultsOf } from './test/judge.js';
import { Queue } from './test/queue.js';
import type { FormedMatch, Ticket } from './ticket.js';

const anyEvents = fc.array(anyEvent, { maxLength: 30 });
const fewEvents = fc.array(anyEvent, { maxLength: 9 });
const idsOf = (matches: FormedMatch[]): unknown =>
  matches.map(({ teams, roles, region, backfill }) => ({
    teams: teams.map((team) => team.map(({ ticketId }) => ticketId)),
    roles,
    region,
    backfill: backfill?.backfillId,
  }));

/** The sum of the squares of the teams' skills, which is least where they are alike. */
const squares = (teams: readonly Ticket[][]): number =>
  teams
    .map((team) => team.reduce((sum, { skill, players }) => sum + skill * players.length, 0))
    .reduce((sum, skill) => sum + skill ** 2, 0);

/** The same teams with any two tickets of the same size swapped. */
function swapped(teams: readonly Ticket[][]): Ticket[][][] {
  const places = teams.flatMap((team, t) => team.map((ticket, i) => ({ t, i, ticket })));
  return places.flatMap((one) =>
    places
      .filter(({ t, ticket }) => t > one.t && ticket.players.length === one.ticket.players.length)
      .map((other) => {
        const copy = teams.map((team) => [...team]);
        copy[one.t][one.i] = other.ticket;
        copy[other.t][other.i] = one.ticket;
        return copy;
      }),
  );
}

describe('matching, whatever the mode and whoever comes', () => {
  it('forms only matches that the mode allows, with each player in one of them', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, (mode, events) => {
        const queue = new Queue(mode);
        const seen = new Set<string>();
        queue.live(events, () => {
          for (const match of queue.match()) {
            if (!match.backfill) expect(faultsOf(mode, match, queue.now)).toEqual([]);
            for (const player of match.teams.flat().flatMap(({ players }) => players)) {
              expect(seen.has(player)).toBe(false);
              seen.add(player);
            }
          }
        });
      }),
      { numRuns: 120 },
    );
  });

  it('balances the teams: no swap would bring them nearer together, and each keeps its roles', () => {
    const anyTeams = anyMode.filter(
      ({ skill, teams, teamSize }) => skill !== undefined && teams * teamSize > 3,
    );
    const manyEvents = fc.array(anyEvent, { minLength: 15, maxLength: 30 });
    let looked = 0;
    fc.assert(
      fc.property(anyTeams, manyEvents, (mode, events) => {
        const queue = new Queue(mode);
        for (const event of events.filter(({ kind }) => kind === 'join')) queue.apply(event);
        // By then anyone plays with anyone: within a window there are hardly ever two teams of two.
        queue.now += mode.longestWaitMs ?? 0;
        for (const match of queue.match()) {
          expect(faultsOf(mode, match, queue.now)).toEqual([]);
          for (const other of mode.roles ? [] : swapped(match.teams)) {
            looked += 1;
            expect(squares(other)).toBeGreaterThanOrEqual(squares(match.teams) - 1e-6);
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(looked).toBeGreaterThan(100);
  });

  it('leaves no match unformed that could be', () => {
    fc.assert(
      fc.property(anyMode, fewEvents, fc.constantFrom(0, 4000, 7000, 12_000), (mode, events, later) => {
        const queue = new Queue(mode);
        for (const event of events.filter(({ kind }) => kind === 'join')) {
          queue.now += event.afterMs;
          queue.apply(event);
        }
        queue.now += later;
        queue.match();
        const left = [...queue.open.values()];
        for (const ticket of left) {
          const others = left.filter((other) => other !== ticket);
          expect(canMatch(mode, ticket, others, queue.now)).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('forms what a look at everything would form, though it doesn’t look at tickets that sleep', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, (mode, events) => {
        const queue = new Queue(mode);
        queue.live(events, () => {
          const expected = idsOf(queue.fresh().formMatches(queue.now));
          const next = queue.pool.nextLookAt();
          const found = idsOf(queue.match());
          expect(found).toEqual(expected);
          if (next > queue.now) expect(found).toEqual([]);
        });
      }),
      { numRuns: 120 },
    );
  });

  it('forms in slices what it forms in one go', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, (mode, events) => {
        const [whole, sliced] = [new Queue(mode), new Queue(mode)];
        const comings = events.filter(({ kind }) => kind !== 'backfill');
        const expected: FormedMatch[][] = [];
        whole.live(comings, () => expected.push(whole.match()));
        sliced.live(comings, () => {
          const found: FormedMatch[] = [];
          while (sliced.pool.nextLookAt() <= sliced.now) {
            let isFirst = true;
            found.push(...sliced.match(() => isFirst && !(isFirst = false)));
          }
          expect(idsOf(found)).toEqual(idsOf(expected.shift() ?? []));
        });
      }),
      { numRuns: 80 },
    );
  });
});
