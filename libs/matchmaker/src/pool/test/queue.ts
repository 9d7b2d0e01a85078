import { remainderOf } from '../search/backfill.js';
import { TicketPool } from '../ticket-pool.js';
import type { Mode } from '../rules/mode.js';
import type { BackfillRequest, FormedMatch, Ticket } from '../ticket.js';
import { type Event, ticketOf } from './arbitraries.js';

/** A queue in which random things happen, with what is in it by the test's own account. */
export class Queue {
  readonly pool: TicketPool;
  readonly open = new Map<string, Ticket>();
  readonly requests = new Map<string, BackfillRequest>();
  now = 1000;
  private counter = 0;

  constructor(readonly mode: Mode) {
    this.pool = new TicketPool(mode);
  }

  apply(event: Event): void {
    this.counter += 1;
    if (event.kind === 'join') this.join(ticketOf(this.mode, event, this.counter, this.now));
    if (event.kind === 'backfill') this.ask(event);
    if (event.kind === 'leave' && this.open.size > 0) {
      const id = [...this.open.keys()][event.which % this.open.size];
      this.open.delete(id);
      this.pool.removeTicket(id);
    }
  }

  /** Lets all of it happen, and then 15 s go by; calls `check` at each step. */
  live(events: readonly Event[], check: () => void): void {
    for (const event of events) {
      this.now += event.afterMs;
      this.apply(event);
      check();
    }
    for (let step = 0; step < 30; step += 1) {
      this.now += 500;
      check();
    }
  }

  match(mayGoOn?: () => boolean): FormedMatch[] {
    const matches = this.pool.formMatches(this.now, mayGoOn);
    for (const match of matches) {
      for (const { ticketId } of match.teams.flat()) this.open.delete(ticketId);
      if (match.backfill) this.requests.delete(match.backfill.backfillId);
      const rest = remainderOf(match);
      if (rest) this.addRequest(rest);
    }
    return matches;
  }

  /** The same tickets and requests, of which nothing was looked at yet. */
  fresh(): TicketPool {
    const pool = new TicketPool(this.mode);
    for (const ticket of [...this.open.values()].reverse()) pool.addTicket(ticket);
    for (const request of this.requests.values()) pool.addBackfill(request);
    return pool;
  }

  private join(ticket: Ticket): void {
    this.open.set(ticket.ticketId, ticket);
    this.pool.addTicket(ticket);
  }

  private ask({ skill, which, party, roles }: Event): void {
    const team = which % this.mode.teams;
    const [role] = roles[0];
    const isKept = role !== undefined && this.mode.roles?.perTeam[role] !== undefined;
    this.addRequest({
      backfillId: `b${this.counter}`,
      matchId: `m${this.counter}`,
      skill: this.mode.skill ? skill : 0,
      since: this.now,
      places: Array<number>(Math.min(party, this.mode.teamSize)).fill(team),
      ...(isKept && { lacks: [{ team, role }] }),
      ...(this.mode.latency && { region: which % 2 ? 'eu' : 'us' }),
    });
  }

  private addRequest(request: BackfillRequest): void {
    this.requests.set(request.backfillId, request);
    this.pool.addBackfill(request);
  }
}
