import fc from 'fast-check';
import { remainderOf } from './search/backfill.js';
import { TicketPool } from './ticket-pool.js';
import type { Mode } from './rules/mode.js';
import type { FormedMatch, Ticket } from './ticket.js';

const duel: Mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const ranked: Mode = {
  name: 'ranked',
  teams: 2,
  teamSize: 3,
  maxParty: 3,
  hardKeys: ['region'],
  attributes: { region: { type: 'string' }, skill: { type: 'number', min: 0, max: 1e6 } },
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  longestWaitMs: 60_000,
};
const rankedDuel: Mode = { ...ranked, teamSize: 1, maxParty: 1 };

let counter = 0;
function ticket(skill = 1000, given: Partial<Ticket> & { party?: number } = {}): Ticket {
  counter += 1;
  const { party = 1, since = 0, ...more } = given;
  const players = Array.from({ length: party }, (_, i) => `p${counter}-${i}`);
  return { ticketId: `t${counter}`, players, skill, since, ...more };
}

function poolOf(mode: Mode, ...tickets: Ticket[]): TicketPool {
  const pool = new TicketPool(mode);
  for (const one of tickets) pool.addTicket(one);
  return pool;
}

it('a pool may form a match when as many players are in it as the smallest one has, or a running one asks', () => {
  const pool = poolOf(duel);
  const mayForm = (given: TicketPool): boolean => given.mayForm;
  expect(mayForm(pool)).toBe(false);
  const [first, second] = [ticket(), ticket()];
  pool.addTicket(first);
  expect(mayForm(pool)).toBe(false);
  pool.addTicket(first);
  pool.addTicket(second);
  expect(mayForm(pool)).toBe(true);
  pool.removeTicket(second.ticketId);
  pool.removeTicket(second.ticketId);
  expect(mayForm(pool)).toBe(false);
  const squads = { ...ranked, fewer: { afterMs: 1_000, teamSize: 2 } };
  expect(mayForm(poolOf(squads, ticket(0, { party: 3 })))).toBe(false);
  expect(mayForm(poolOf(squads, ticket(0, { party: 3 }), ticket()))).toBe(true);
  expect(mayForm(poolOf({ ...duel, fewer: { afterMs: 1_000, teams: 1 } }, ticket()))).toBe(true);
});

const idsOf = (matches: FormedMatch[]): string[][] =>
  matches.map(({ teams }) =>
    teams
      .flat()
      .map(({ ticketId }) => ticketId)
      .sort(),
  );

describe('a pool of tickets', () => {
  it('matches two players of a mode without skill at once', () => {
    const [a, b] = [ticket(0), ticket(9999)];
    expect(idsOf(poolOf(duel, a, b).formMatches(0))).toEqual([[a.ticketId, b.ticketId].sort()]);
  });

  it('matches the oldest first, with the nearest to it', () => {
    const [old, near, far] = [ticket(1000), ticket(1010), ticket(960)];
    const matches = poolOf(rankedDuel, old, far, near).formMatches(0);
    expect(idsOf(matches)).toEqual([[old.ticketId, near.ticketId].sort()]);
  });

  it('widens a window with the wait', () => {
    const pool = poolOf(rankedDuel, ticket(1000), ticket(1150));
    expect(pool.formMatches(9_000)).toEqual([]);
    expect(pool.formMatches(10_000)).toHaveLength(1);
  });

  it('matches anyone after the longest wait', () => {
    const pool = poolOf(rankedDuel, ticket(0), ticket(1e6));
    expect(pool.formMatches(59_999)).toEqual([]);
    expect(pool.formMatches(60_000)).toHaveLength(1);
  });

  it('looks again at once when somebody new comes near', () => {
    const pool = poolOf(rankedDuel, ticket(1000));
    expect(pool.formMatches(0)).toEqual([]);
    pool.addTicket(ticket(1020));
    expect(pool.formMatches(1)).toHaveLength(1);
  });

  it('keeps parties together and lets them face parties where there are some', () => {
    const parties = [ticket(1000, { party: 3 }), ticket(1001, { party: 3 })];
    const [{ teams } = {}] = poolOf(ranked, ...parties).formMatches(0);
    expect(teams?.map((team) => team.flatMap(({ players }) => players))).toEqual(
      expect.arrayContaining(parties.map(({ players }) => players)),
    );
  });

  it('balances teams by skill', () => {
    const skills = [1000, 1010, 1020, 1030, 1040, 1045];
    const [{ teams } = {}] = poolOf(ranked, ...skills.map((skill) => ticket(skill))).formMatches(0);
    const [a = 0, b = 0] = teams?.map((team) => team.reduce((sum, { skill }) => sum + skill, 0)) ?? [];
    expect(Math.abs(a - b)).toBeLessThanOrEqual(25);
  });

  it('lets nobody starve among parties that do not fit', () => {
    const parties = Array.from({ length: 100 }, (_, i) => ticket(1900 + i, { party: 2 }));
    const pool = poolOf(ranked, ticket(1000), ticket(3000), ...parties);
    expect(pool.formMatches(60_000)).toHaveLength(1);
  });

  it('forgets a ticket that is taken out', () => {
    const [a, b] = [ticket(), ticket()];
    const pool = poolOf(duel, a, b);
    expect(pool.removeTicket(a.ticketId)).toBe(a);
    expect(pool.removeTicket(a.ticketId)).toBeUndefined();
    expect(pool.formMatches(0)).toEqual([]);
    expect(pool.size).toBe(1);
  });

  it('stops when it is told to, and goes on later where it was', () => {
    const tickets = Array.from({ length: 10 }, () => ticket());
    const pool = poolOf(duel, ...tickets);
    let left = 2;
    expect(pool.formMatches(0, () => left-- > 0)).toHaveLength(2);
    expect(pool.formMatches(0)).toHaveLength(3);
  });

  it('lets who comes back from a match that was not accepted go first', () => {
    const pool = poolOf(
      duel,
      ticket(0, { since: 5000 }),
      ticket(0, { since: 6000 }),
      ticket(0, { since: 7000 }),
    );
    const back = ticket(0, { since: 1000 });
    pool.addTicket(back);
    const [first] = pool.formMatches(8000);
    expect(first.teams.flat()).toContain(back);
  });

  it('tells a ticket its place by age', () => {
    const [old, young] = [ticket(0, { since: 1 }), ticket(500, { since: 2 })];
    const pool = poolOf(rankedDuel, young, old);
    expect(pool.positionOf(old.ticketId)).toEqual({ position: 1, waiting: 2 });
    expect(pool.positionOf(young.ticketId)).toEqual({ position: 2, waiting: 2 });
    expect(pool.positionOf('t0')).toBeUndefined();
  });

  it('gives every team its roles, and says who plays which', () => {
    const mode: Mode = { ...duel, teamSize: 3, maxParty: 1, roles: { perTeam: { tank: 1 } } };
    const [tank, other] = [ticket(0, { roles: [['tank']] }), ticket(0, { roles: [['tank']] })];
    const pool = poolOf(mode, tank, ...Array.from({ length: 5 }, () => ticket(0)));
    expect(pool.formMatches(0)).toEqual([]);
    pool.addTicket(other);
    const [{ teams, roles }] = pool.formMatches(1);
    expect(roles).toEqual({ [tank.players[0]]: 'tank', [other.players[0]]: 'tank' });
    for (const team of teams) expect(team.filter((one) => one === tank || one === other)).toHaveLength(1);
  });

  it('plays where all keep the limit, and where it is nearest for the worst off', () => {
    const mode: Mode = {
      ...duel,
      latency: { limitsMs: { eu: 60, us: 60, asia: 60 } },
      longestWaitMs: 60_000,
    };
    const at = (eu: number, us: number): Ticket => ticket(0, { latencyMs: { eu, us } });
    expect(poolOf(mode, at(20, 200), at(200, 20)).formMatches(0)).toEqual([]);
    expect(poolOf(mode, at(20, 50), at(55, 40)).formMatches(0)).toEqual([
      expect.objectContaining({ region: 'us' }),
    ]);
    const apart = poolOf(mode, at(20, 200), at(200, 30));
    expect(apart.formMatches(59_999)).toEqual([]);
    expect(apart.formMatches(60_000)).toHaveLength(1);
  });

  it('forms a smaller match after a wait, the largest that it can', () => {
    const mode: Mode = { ...duel, teams: 4, fewer: { afterMs: 5000, teams: 2 } };
    const pool = poolOf(mode, ticket(), ticket(), ticket());
    expect(pool.formMatches(4999)).toEqual([]);
    expect(pool.nextLookAt()).toBe(5000);
    expect(pool.formMatches(5000).map(({ teams }) => teams.length)).toEqual([3]);
  });

  it('lets one player begin alone after a wait, where the mode says so', () => {
    const mode: Mode = { ...duel, teams: 4, fewer: { afterMs: 5000, teams: 1 } };
    const pool = poolOf(mode, ticket());
    expect(pool.formMatches(4999)).toEqual([]);
    expect(pool.nextLookAt()).toBe(5000);
    expect(pool.formMatches(5000).map(({ teams }) => teams.map((team) => team.length))).toEqual([[1]]);
    expect(pool.size).toBe(0);
  });

  it('lets a running match have players, and asks for the rest again', () => {
    const mode: Mode = { ...ranked, backfill: true };
    const pool = poolOf(mode, ticket(1010, { party: 2 }), ticket(1500));
    const request = { backfillId: 'b', matchId: 'm', skill: 1000, since: 0, places: [0, 1, 1] };
    pool.addBackfill(request);
    const [match] = pool.formMatches(0);
    expect(match.teams.map((team) => team.length)).toEqual([0, 1]);
    expect(match.backfill).toBe(request);
    const rest = remainderOf(match);
    expect(rest).toEqual({ ...request, places: [0] });
    expect(pool.backfills).toBe(0);
    if (rest) pool.addBackfill(rest);
    expect(pool.formMatches(44_999)).toEqual([]);
    expect(pool.formMatches(45_000)).toHaveLength(1);
  });

  it('keeps a place of a running match for the role that it lacks', () => {
    const mode: Mode = { ...duel, teamSize: 3, backfill: true, roles: { perTeam: { tank: 1 } } };
    const pool = poolOf(mode, ticket(), ticket());
    pool.addBackfill({
      backfillId: 'b',
      matchId: 'm',
      skill: 0,
      since: 0,
      places: [0, 0],
      lacks: [{ team: 0, role: 'tank' }],
    });
    const [match] = pool.formMatches(0);
    expect(match.teams.flat()).toHaveLength(1);
    expect(remainderOf(match)).toMatchObject({ places: [0], lacks: [{ team: 0, role: 'tank' }] });
  });

  it('gives a place of a running match to anybody that it kept for a role which its mode has no longer', () => {
    const mode: Mode = { ...duel, teamSize: 3, backfill: true, roles: { perTeam: { healer: 1 } } };
    const pool = poolOf(mode, ticket());
    const lacks = [{ team: 0, role: 'tank' }];
    pool.addBackfill({ backfillId: 'b', matchId: 'm', skill: 0, since: 0, places: [0], lacks });
    expect(pool.formMatches(0).map(({ teams }) => teams.flat().length)).toEqual([1]);
  });

  it('puts nobody in two matches, fills every team, splits no party, and leaves nobody behind for ever (property)', () => {
    const arrivals = fc.array(
      fc.record({
        skill: fc.integer({ min: 0, max: 3000 }),
        party: fc.integer({ min: 1, max: 3 }),
        at: fc.integer({ min: 0, max: 30_000 }),
      }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(arrivals, (list) => {
        const pool = new TicketPool(ranked);
        const seen = new Set<string>();
        const sorted = [...list].sort((a, b) => a.at - b.at);
        let now = 0;
        const check = (): void => {
          for (const { teams } of pool.formMatches(now)) {
            expect(teams).toHaveLength(2);
            for (const team of teams) expect(team.flatMap(({ players }) => players)).toHaveLength(3);
            for (const player of teams.flat().flatMap(({ players }) => players)) {
              expect(seen.has(player)).toBe(false);
              seen.add(player);
            }
          }
        };
        const alone: Ticket[] = [];
        for (const { skill, party, at } of sorted) {
          now = at;
          const arrival = ticket(skill, { since: at, party });
          if (party === 1) alone.push(arrival);
          pool.addTicket(arrival);
          check();
        }
        for (now = 30_000; now <= 120_000; now += 1000) check();
        // Six single players always make a match, whoever else is there.
        expect(alone.filter(({ ticketId }) => pool.getTicket(ticketId)).length).toBeLessThan(6);
      }),
      { numRuns: 60 },
    );
  });
});
