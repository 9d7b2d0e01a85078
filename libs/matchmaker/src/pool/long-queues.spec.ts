import { AgeQueue } from './search/age-queue.js';
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
