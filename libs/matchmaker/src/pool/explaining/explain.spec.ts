import fc from 'fast-check';
import type { Explanation } from '../../contracts/explanation.js';
import { TicketPool } from '../ticket-pool.js';
import type { Mode } from '../rules/mode.js';
import { anyEvent, anyMode, type Event } from '../test/arbitraries.js';
import { canMatch } from '../test/judge.js';
import { Queue } from '../test/queue.js';
import type { Ticket } from '../ticket.js';

const squads: Mode = {
  name: 'squads',
  teams: 2,
  teamSize: 3,
  maxParty: 2,
  hardKeys: [],
  attributes: { skill: { type: 'number', min: 0, max: 5000 } },
  skill: { attribute: 'skill', start: 100, perSecond: 10 },
  roles: { perTeam: { tank: 1 }, untilMs: 50_000 },
  latency: { limitsMs: { eu: 60, us: 60 }, perSecondMs: 1 },
  longestWaitMs: 60_000,
};

let counter = 0;
function ticket(skill: number, given: Partial<Ticket> & { party?: number } = {}): Ticket {
  counter += 1;
  const players = Array.from({ length: given.party ?? 1 }, (_, i) => `p${counter}-${i}`);
  return { ticketId: `t${counter}`, players, skill, since: 0, latencyMs: { eu: 30 }, ...given };
}

/** Takes all steps. */
function explanationOf(pool: TicketPool, ticketId: string, now: number): Explanation | undefined {
  const steps = pool.explainTicket(ticketId, now);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

function explained(mode: Mode, now: number, own: Ticket, ...others: Ticket[]): Explanation {
  const pool = new TicketPool(mode);
  for (const one of [own, ...others]) pool.addTicket(one);
  pool.formMatches(now);
  const explanation = explanationOf(pool, own.ticketId, now);
  if (!explanation) throw new Error('It is matched');
  return explanation;
}

const asTank = { roles: [['tank']] };

describe('the explanation of a ticket', () => {
  it('names each group of those who wait, the rule that keeps it off, and when it will not', () => {
    const { groups, need, forecast, text } = explained(
      squads,
      2000,
      ticket(1000),
      ticket(1050),
      ticket(1060, { party: 2 }),
      ticket(1200, asTank),
      ticket(1420),
      ticket(990, { latencyMs: { eu: 70 } }),
    );
    expect(groups).toEqual([
      expect.objectContaining({ rule: 'team-size', around: 'own', tickets: 2, players: 3 }),
      expect.objectContaining({
        rule: 'window',
        tickets: 2,
        nearestBeyond: 80,
        allowed: [
          { inMs: 8000, tickets: 1 },
          { inMs: 30_000, tickets: 2 },
        ],
      }),
      expect.objectContaining({ rule: 'latency', nearestBeyond: 8, allowed: [{ inMs: 8000, tickets: 1 }] }),
    ]);
    expect(need).toEqual({ teams: 2, teamSize: 3, players: 2, roles: { tank: 2 } });
    // Two tanks are needed until 50 s; then the six of them are no two teams of three but with the party.
    expect(forecast).toMatchObject({ kind: 'match', inMs: 48_000, players: 6 });
    expect(text).toMatchInlineSnapshot(`
     [
       "Waits for 2 s in squads: 1 of 6 by age.",
       "If nobody comes and nobody leaves, it is matched in 48 s, in a match of 6, 210 points apart at most.",
       "It now reaches from 880 to 1120 in skill.",
       "It could play in eu (30 ms, limit 62 ms). Most could play with it in eu.",
       "2 tickets (1 alone, 1 party of 2): allowed, but too few for 2 teams of 3.",
       "2 tickets (1 alone for tank, 1 alone): out of its window, the nearest by 80 points. 1 allowed in 8 s, all in 30 s.",
       "1 ticket (1 alone): too far from eu, the nearest by 8 ms. 1 allowed in 8 s.",
       "For 2 teams of 3 it would take 2 more players who come alone, 2 of them for tank, within its window, near enough to eu.",
       "In 48 s teams may lack roles.",
       "In 58 s it may play with anyone, whatever skill and latency say.",
     ]
    `);
  });

  it('says that a role is missing where players are not', () => {
    const others = Array.from({ length: 7 }, (_, i) => ticket(1000 + i, i === 0 ? asTank : {}));
    const { groups, need, text } = explained(squads, 1000, ticket(1000), ...others);
    expect(groups).toEqual([expect.objectContaining({ rule: 'roles', tickets: 7 })]);
    expect(need).toEqual({ teams: 2, teamSize: 3, players: 1, roles: { tank: 1 } });
    expect(text).toContain(
      'For 2 teams of 3 it would take 1 more player who comes alone, for tank, within its window, near enough to eu.',
    );
  });

  it('says that parties do not fit where players and roles would', () => {
    const pairs = Array.from({ length: 4 }, (_, i) =>
      ticket(1000 + i, { party: 2, roles: [['tank'], ['tank']] }),
    );
    const { groups, need } = explained(squads, 1000, pairs[0], ...pairs.slice(1));
    expect(groups).toEqual([expect.objectContaining({ rule: 'party-size', tickets: 3, players: 6 })]);
    expect(need).toEqual({ teams: 2, teamSize: 3, players: 2 });
  });

  it('says that it is too far from every region itself', () => {
    const { regions, groups, text } = explained(
      squads,
      0,
      ticket(1000, { latencyMs: { eu: 75 } }),
      ticket(1000),
    );
    expect(regions).toEqual([
      { region: 'eu', latencyMs: 75, limitMs: 60, isAccepted: false },
      { region: 'us', latencyMs: 1000, limitMs: 60, isAccepted: false },
    ]);
    expect(groups).toEqual([expect.objectContaining({ rule: 'latency', around: 'own', tickets: 1 })]);
    expect(text.join('\n')).toContain('too far from every region: eu (75 ms, limit 60 ms)');
  });

  it('tells of older tickets that see it by their longer wait', () => {
    const own = ticket(1000, { since: 9000 });
    const { groups } = explained(squads, 10_000, own, ticket(1190, { since: 0 }));
    expect(groups).toEqual([expect.objectContaining({ rule: 'team-size', around: 'other', tickets: 1 })]);
  });

  it('says that somebody has to come, where waiting alone is of no use', () => {
    expect(explained(squads, 0, ticket(1000), ticket(1000)).forecast).toEqual({ kind: 'never' });
  });

  it('knows nothing of a ticket that is not there', () => {
    expect(explanationOf(new TicketPool(squads), 't0', 0)).toBeUndefined();
  });

  it('tells how things were at its first step, whoever comes and goes before its last', () => {
    const [own, other] = [ticket(1000), ticket(1500)];
    const pool = new TicketPool(squads);
    for (const one of [own, other]) pool.addTicket(one);
    pool.formMatches(0);
    const expected = explanationOf(pool, own.ticketId, 0);
    const steps = pool.explainTicket(own.ticketId, 0);
    let step = steps.next();
    pool.removeTicket(other.ticketId);
    for (let i = 0; i < 6; i += 1) pool.addTicket(ticket(1000 + i, asTank));
    pool.formMatches(0);
    while (!step.done) step = steps.next();
    expect(step.value).toEqual(expected);
  });

  it('is plain data, whatever waits', () => {
    const explanation = explained(squads, 100_000, ticket(1000), ticket(5000));
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
  });
});

/** Passes until there is nothing to do: a running match that got some players may ask for more. */
function settle(queue: Queue): Ticket[] {
  const matched: Ticket[] = [];
  do matched.push(...queue.match().flatMap(({ teams }) => teams.flat()));
  while (queue.pool.nextLookAt() <= queue.now);
  return matched;
}

/** A queue after events, at rest. */
function queueAfter(mode: Mode, events: Event[]): Queue {
  const queue = new Queue(mode);
  for (const event of events) {
    queue.now += event.afterMs;
    queue.apply(event);
    settle(queue);
  }
  return queue;
}

const explanationIn = ({ pool, now }: Queue, id: string): Explanation => {
  const explanation = explanationOf(pool, id, now);
  if (!explanation) throw new Error(`${id} waits`);
  return explanation;
};

describe('an explanation, whatever the mode and whoever waits', () => {
  const anyEvents = fc.array(anyEvent, { maxLength: 14 });

  it('foretells the match at its very time, and not before', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, (mode, events) => {
        const queue = queueAfter(mode, events);
        const forecasts = [...queue.open.keys()].map((id) => ({ id, ...explanationIn(queue, id).forecast }));
        const due = new Map(
          forecasts.map((one) => [one.id, one.kind === 'match' ? queue.now + one.inMs : Infinity]),
        );
        const end = queue.now + 20_000;
        const times = [...due.values()].flatMap((time) => (time < Infinity ? [time - 1, time] : []));
        for (let time = queue.now + 90; time < end; time += 350) times.push(time);
        for (const time of times.sort((a, b) => a - b)) {
          queue.now = time;
          for (const { ticketId } of settle(queue)) expect(due.get(ticketId)).toBe(time);
        }
        for (const id of queue.open.keys()) expect(due.get(id)).toBeGreaterThan(queue.now);
      }),
      { numRuns: 60 },
    );
  });

  it('counts everybody once, and says that a match is possible only where one is', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, fc.boolean(), (mode, events, isAtRest) => {
        const queue = new Queue(mode);
        for (const event of events.slice(0, 9)) {
          queue.now += event.afterMs;
          queue.apply(event);
          if (isAtRest) queue.match();
        }
        for (const own of queue.open.values()) {
          const others = [...queue.open.values()].filter((one) => one !== own);
          const { groups } = explanationIn(queue, own.ticketId);
          expect(groups.reduce((sum, { tickets }) => sum + tickets, 0)).toBe(others.length);
          const around = groups.find((group) => group.around === 'own' && group.rule === 'none');
          if (others.length > 0 && around) expect(canMatch(mode, own, others, queue.now)).toBe(true);
          if (!around && groups.some((group) => group.around === 'own' && !group.allowed))
            expect(canMatch(mode, own, others, queue.now)).toBe(false);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('asks for as many players as complete a match, and for none too many', () => {
    fc.assert(
      fc.property(anyMode, anyEvents, (mode, events) => {
        const queue = queueAfter(mode, events.slice(0, 8));
        for (const own of queue.open.values()) {
          const { need, regions } = explanationIn(queue, own.ticketId);
          // The judge tries everything, which is too much for more.
          if (!need || need.players + queue.open.size > 9) continue;
          const isNowhere = regions?.every(({ isAccepted }) => !isAccepted) ?? false;
          expect(isNowhere).toBe(false);
          const others = [...queue.open.values()].filter((one) => one !== own);
          const guest = (roles: string[], i: number): Ticket => ({
            ...own,
            ticketId: `g${i}`,
            players: [`g${i}`],
            roles: [roles],
          });
          const wanted = Object.entries(need.roles ?? {}).flatMap(([role, count]) =>
            Array<string[]>(count).fill([role]),
          );
          const guests = Array.from({ length: need.players }, (_, i) => guest(wanted[i] ?? [], i));
          expect(wanted.length).toBeLessThanOrEqual(need.players);
          expect(canMatch(mode, own, [...guests, ...others], queue.now)).toBe(true);
          const all = guests.slice(1).map((_one, i) => guest(['tank', 'healer'], i));
          expect(canMatch(mode, own, [...all, ...others], queue.now)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});
