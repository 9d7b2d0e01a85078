import { AgeQueue } from './search/age-queue.js';
import { BackfillAttempt, Vacancies } from './search/backfill.js';
import { AgeRotation } from './sleeping/age-rotation.js';
import { TicketPool } from './ticket-pool.js';
import type { Entry } from './entry.js';
import type { Mode } from './rules/mode.js';
import type { Ticket } from './ticket.js';

const entry = (since: number): Entry => ({ since, state: 'awake', heapPlace: -1, ticket: {} }) as Entry;
/** How many entries it holds on to, in all of its lists. */
const held = (queue: object): number =>
  Object.values(queue).reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);

const pair: Mode = {
  name: 'pair',
  teams: 1,
  teamSize: 2,
  maxParty: 1,
  hardKeys: [],
  attributes: { skill: { type: 'number', min: 0, max: 10_000 } },
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  roles: { perTeam: { tank: 1 } },
};

/** CPU of this process, ms: a machine that is busy with others doesn't count. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('a hundred thousand tickets that wait', () => {
  const duel: Mode = {
    ...{ name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] },
    attributes: { skill: { type: 'number', min: 0, max: 1_000_000 } },
    skill: { attribute: 'skill', start: 1, perSecond: 0 },
    longestWaitMs: 60_000,
  };
  const waiting = 100_000;
  const ticket = (id: string, skill: number): Ticket => ({ ticketId: id, players: [id], skill, since: 0 });

  it('cost a newcomer and a slice no more than a moment', () => {
    const pool = new TicketPool(duel);
    // Nobody reaches the next one.
    for (let i = 0; i < waiting; i += 1) pool.addTicket(ticket(`t${i}`, 4 * i));
    expect(pool.formMatches(1)).toEqual([]);
    const newcomers = 200;
    const cpuMs = cpuOf(() => {
      for (let i = 0; i < newcomers; i += 1) {
        const place = (i * 7_919) % waiting;
        pool.addTicket(ticket(`n${i}`, 4 * place + 1));
        expect(pool.nextLookAt()).toBe(0);
        const ids = pool.formMatches(2).map(({ teams }) => teams.flat().map(({ ticketId }) => ticketId));
        expect(ids.map((one) => one.sort())).toEqual([[`n${i}`, `t${place}`]]);
      }
    });
    expect(pool.size).toBe(waiting - newcomers);
    expect(cpuMs / newcomers).toBeLessThan(5);
  });
});

describe('ten thousand running matches that ask for players', () => {
  const anyone: Mode = {
    ...{ name: 'anyone', teams: 1, teamSize: 4, maxParty: 4, hardKeys: [], backfill: true },
    attributes: { skill: { type: 'number', min: 0, max: 1_000_000 } },
    skill: { attribute: 'skill', start: 1_000_000, perSecond: 0 },
  };
  const running = 10_000;

  it.each([
    ['let a newcomer join the nearest', 1],
    ['which have no room for a party keep it waiting', 2],
  ])('%s, in a moment', (_, size) => {
    const pool = new TicketPool(anyone);
    for (let i = 0; i < running; i += 1)
      pool.addBackfill({
        ...{ backfillId: `m${i}`, matchId: `m${i}`, skill: (i * 7_919) % 1_000_003 },
        ...{ since: 0, places: [0] },
      });
    expect(pool.formMatches(1)).toEqual([]);
    const newcomers = 100;
    const looks = jest.spyOn(BackfillAttempt.prototype, 'fillPlaces');
    const tries = jest.spyOn(Vacancies.prototype, 'takePlace');
    for (let i = 0; i < newcomers; i += 1) {
      const players = Array.from({ length: size }, (__, index) => `n${i}-${index}`);
      pool.addTicket({ ticketId: `n${i}`, players, skill: (i * 104_729) % 1_000_003, since: 2 });
      expect(pool.formMatches(2)).toHaveLength(size === 1 ? 1 : 0);
      pool.removeTicket(`n${i}`);
    }
    expect(pool.backfills).toBe(size === 1 ? running - newcomers : running);
    // The first that looks has the newcomer, and the others sleep on.
    expect(looks.mock.calls.length).toBeLessThanOrEqual(newcomers);
    expect(tries.mock.calls.length).toBeLessThanOrEqual(newcomers);
    jest.restoreAllMocks();
  });
});

describe('a long queue', () => {
  it('gives the oldest first, in whatever order they came', () => {
    const queue = new AgeQueue();
    for (let i = 0; i < 100; i += 1) queue.pushEntry(entry((i * 37) % 100));
    const ages = Array.from({ length: 100 }, () => {
      const first = queue.first();
      if (first) queue.takeEntry(first);
      return first?.since;
    });
    expect(ages).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(queue.first()).toBeUndefined();
  });

  it('holds on to nobody who has gone, though its server is not the owner and never looks', () => {
    const queue = new AgeQueue();
    for (let i = 0; i < 10_000; i += 1) {
      const [early, late] = [entry(2 * i), entry(2 * i - 1000)];
      for (const one of [early, late]) queue.pushEntry(one);
      for (const one of [early, late]) {
        one.state = 'gone';
        queue.dropEntry(one);
      }
    }
    expect(held(queue)).toBeLessThan(200);
  });

  it('holds on to nobody who has left, though the role that they wait for never comes', () => {
    const line = new AgeRotation();
    for (let i = 0; i < 10_000; i += 1) {
      const one = { ...entry(i % 7), state: 'lacks-role' } as Entry;
      line.pushEntry(one);
      one.state = 'gone';
      line.dropEntry();
    }
    expect(held(line)).toBeLessThan(200);
  });

  it('finds the oldest ticket that a newcomer is of use to, among thousands of about the same skill and elsewhere', () => {
    const pool = new TicketPool(pair);
    const ticket = (id: string, skill: number, since: number, roles: string[] = []): Ticket => ({
      ticketId: id,
      players: [id],
      skill,
      since,
      roles: [roles],
    });
    for (let i = 0; i < 3_000; i += 1) pool.addTicket(ticket(`t${i}`, (i * 7) % 3_000, i));
    expect(pool.formMatches(10_000)).toEqual([]);
    pool.addTicket(ticket('tank', 1_500, 10_000, ['tank']));
    const reach = (since: number): number => 50 + 10 * (Math.floor((10_000 - since) / 250) / 4);
    const seeing = Array.from({ length: 3_000 }, (_, i) => i).filter(
      (i) => Math.abs(((i * 7) % 3_000) - 1_500) <= reach(i),
    );
    const [match, ...others] = pool.formMatches(10_000);
    expect(others).toEqual([]);
    expect(match.teams.flat().map(({ ticketId }) => ticketId)).toEqual([`t${seeing[0]}`, 'tank']);
  });
});
