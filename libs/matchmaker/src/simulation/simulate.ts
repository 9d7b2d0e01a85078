import { completeAttributes, skillOf } from '../pool/rules/attributes.js';
import { TicketPool } from '../pool/ticket-pool.js';
import { checkJoin, type JoinProblem } from '../pool/rules/check-join.js';
import { Heap, type HeapItem } from '../pool/search/heap.js';
import type { Mode } from '../pool/rules/mode.js';
import { partitionOf } from '../pool/partition.js';
import type { FormedMatch, Ticket } from '../pool/ticket.js';
import type { Arrival } from './arrivals.js';

/** A match, and when it was formed, ms from the start. */
export interface SimulatedMatch extends FormedMatch {
  at: number;
}

/** The state of all tickets when the last one had come. */
export interface Outcome {
  matches: SimulatedMatch[];
  /** Tickets that gave up, and those that the mode's expiry let go, with the time of it. */
  left: Array<{ ticket: Ticket; at: number }>;
  expired: Array<{ ticket: Ticket; at: number }>;
  waiting: Ticket[];
  /** By problem, arrivals that the mode refuses. */
  refused: Map<string, number>;
  /** Open tickets, sampled at each arrival. */
  queue: { mean: number; most: number };
  endMs: number;
  /** The matcher's own time, ms of real time; and its longest pass. */
  busyMs: number;
  longestPassMs: number;
}

/** A ticket that leaves by itself at a time. */
interface Departure extends HeapItem {
  at: number;
  ticket: Ticket;
  pool: TicketPool;
  list: 'left' | 'expired';
}

/** Lets players go through the matcher that the servers run, in virtual time: a pass at each arrival, and whenever time alone could form a match. */
export function simulate(mode: Mode, arrivals: Iterable<Arrival>): Outcome {
  const simulation = new Simulation(mode);
  for (const arrival of arrivals) simulation.addArrivals(arrival);
  return simulation.outcome();
}

class Simulation {
  private readonly pools = new Map<string, TicketPool>();
  private readonly departures = new Heap<Departure>((a, b) => a.at < b.at);
  private readonly result: Omit<Outcome, 'waiting' | 'queue' | 'endMs'> = {
    matches: [],
    left: [],
    expired: [],
    refused: new Map(),
    busyMs: 0,
    longestPassMs: 0,
  };
  private readonly open = new Map<string, Ticket>();
  private now = 0;
  private counter = 0;
  private queueSum = 0;
  private queueMost = 0;

  constructor(private readonly mode: Mode) {}

  addArrivals(arrival: Arrival): void {
    this.runUntil(arrival.atMs);
    this.now = arrival.atMs;
    this.counter += 1;
    const ticket = this.ticketOf(arrival);
    if (!ticket) return;
    const pool = this.poolOf(arrival);
    this.open.set(ticket.ticketId, ticket);
    pool.addTicket(ticket);
    this.planDeparture(ticket, pool, arrival);
    this.runPass(pool, this.now);
    this.queueSum += this.open.size;
    this.queueMost = Math.max(this.queueMost, this.open.size);
  }

  outcome(): Outcome {
    const queue = { mean: this.queueSum / Math.max(1, this.counter), most: this.queueMost };
    return { ...this.result, waiting: [...this.open.values()], queue, endMs: this.now };
  }

  private ticketOf({ party, attributes, roles, latencyMs }: Arrival): Ticket | undefined {
    const players = Array.from({ length: party }, (_, i) => `${this.counter}-${i}`);
    const [problem] = checkJoin(this.mode, { players, attributes, roles, latencyMs });
    if (problem) {
      const reason = reasonOf(problem);
      this.result.refused.set(reason, (this.result.refused.get(reason) ?? 0) + 1);
      return undefined;
    }
    const skill = skillOf(this.mode, completeAttributes(this.mode, attributes));
    const ticketId = String(this.counter).padStart(8, '0');
    return {
      ticketId,
      players,
      skill,
      since: this.now,
      ...(roles && { roles }),
      ...(latencyMs && { latencyMs }),
    };
  }

  private poolOf({ attributes }: Arrival): TicketPool {
    const complete = completeAttributes(this.mode, attributes);
    const name = partitionOf(this.mode, { version: '1', attributes: complete });
    const known = this.pools.get(name) ?? new TicketPool(this.mode);
    this.pools.set(name, known);
    return known;
  }

  private planDeparture(ticket: Ticket, pool: TicketPool, { leavesAtMs = Infinity }: Arrival): void {
    const expiresAt = this.now + (this.mode.ticketExpiryMs ?? Infinity);
    const at = Math.min(leavesAtMs, expiresAt);
    if (at === Infinity) return;
    const list = leavesAtMs < expiresAt ? 'left' : 'expired';
    this.departures.push({ at, ticket, pool, list, heapPlace: -1 });
  }

  /** Everything that happens before a time by itself: passes that are due, and tickets that leave. */
  private runUntil(time: number): void {
    for (;;) {
      const departure = this.departures.first;
      const [pool, lookAt] = this.nextLook();
      if (departure && departure.at <= lookAt && departure.at <= time) {
        this.departures.pop();
        if (!departure.pool.removeTicket(departure.ticket.ticketId)) continue;
        this.open.delete(departure.ticket.ticketId);
        this.result[departure.list].push({ ticket: departure.ticket, at: departure.at });
      } else if (pool && lookAt <= time) this.runPass(pool, lookAt);
      else return;
    }
  }

  private nextLook(): [TicketPool | undefined, number] {
    let [next, at]: [TicketPool | undefined, number] = [undefined, Infinity];
    for (const pool of this.pools.values()) {
      const lookAt = pool.nextLookAt();
      if (lookAt < at) [next, at] = [pool, lookAt];
    }
    return [next, at];
  }

  private runPass(pool: TicketPool, now: number): void {
    const since = performance.now();
    const formed = pool.formMatches(now);
    const took = performance.now() - since;
    this.result.busyMs += took;
    this.result.longestPassMs = Math.max(this.result.longestPassMs, took);
    for (const match of formed) {
      for (const { ticketId } of match.teams.flat()) this.open.delete(ticketId);
      this.result.matches.push({ ...match, at: now });
    }
  }
}

/** An attribute's problem doesn't name it: `skill: out-of-bounds, expected …`. */
function reasonOf({ field, problem }: JoinProblem): string {
  const [, attribute] = field.split('.');
  return attribute === undefined ? problem : `${attribute}: ${problem}`;
}
