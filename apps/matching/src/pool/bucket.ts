import { formTeams, type Teams } from './form-teams.js';
import type { Mode } from './mode.js';
import { SkillIndex } from './skill-index.js';
import type { FormedMatch, Ticket } from './ticket.js';
import { waitUntilWindow, windowAfter } from './window.js';

/** Candidates looked at for one ticket in one try; parties that don't fit make it look further, but not for ever. */
const furthestLook = 64;
/** A ticket that found nobody is looked at again after this at the latest, ms. */
const longestSleepMs = 5000;

/**
 * The tickets of one mode whose hard keys agree. Pure: the time is given, nothing is stored or sent.
 *
 * Oldest first: each ticket gathers its nearest neighbours in skill as far as its own window reaches. A ticket that finds
 * too few isn't looked at again before its window could have reached further, or somebody new came near: a pass costs what
 * has changed, not what is there.
 */
export class Bucket {
  private readonly tickets = new Map<string, Ticket>();
  private readonly index = new SkillIndex();
  /** When it makes sense to look at a ticket again, epoch ms. */
  private readonly wakeAt = new Map<Ticket, number>();

  constructor(readonly mode: Mode) {}

  get size(): number {
    return this.tickets.size;
  }

  get(ticketId: string): Ticket | undefined {
    return this.tickets.get(ticketId);
  }

  add(ticket: Ticket): void {
    this.tickets.set(ticket.ticketId, ticket);
    this.index.add(ticket);
    this.wakeAt.set(ticket, 0);
    // Whoever is near may be complete with the new one.
    let neighbours = 0;
    for (const neighbour of this.index.near(ticket, Infinity)) {
      this.wakeAt.set(neighbour, 0);
      neighbours += 1;
      if (neighbours >= 2 * this.wanted) break;
    }
  }

  remove(ticketId: string): Ticket | undefined {
    const ticket = this.tickets.get(ticketId);
    if (!ticket) return undefined;
    this.tickets.delete(ticketId);
    this.index.remove(ticket);
    this.wakeAt.delete(ticket);
    return ticket;
  }

  /**
   * Forms matches, oldest ticket first, and takes their tickets out. Stops between two tickets when `mayGoOn` says so: what
   * is left is done by the next call.
   */
  match(now: number, mayGoOn: () => boolean = () => true): FormedMatch[] {
    const matches: FormedMatch[] = [];
    if (this.size * this.mode.maxParty < this.wanted) return matches;
    for (const ticket of this.tickets.values()) {
      if ((this.wakeAt.get(ticket) ?? 0) > now) continue;
      if (!mayGoOn()) break;
      const teams = this.tryMatch(ticket, now);
      if (!teams) continue;
      for (const one of teams.flat()) this.remove(one.ticketId);
      matches.push({ teams });
    }
    return matches;
  }

  private get wanted(): number {
    return this.mode.teams * this.mode.teamSize;
  }

  private tryMatch(ticket: Ticket, now: number): Teams | undefined {
    const reach = windowAfter(this.mode, now - ticket.since);
    const group = [ticket];
    let players = ticket.players.length;
    let looked = 0;
    for (const candidate of this.index.near(ticket, Infinity)) {
      const distance = Math.abs(candidate.skill - ticket.skill);
      if (distance > reach) {
        this.wakeAt.set(ticket, ticket.since + waitUntilWindow(this.mode, distance));
        return undefined;
      }
      looked += 1;
      // Who has waited longest looks at everybody: among near parties that don't fit he would starve.
      if (looked > furthestLook && reach !== Infinity) break;
      if (players + candidate.players.length > this.wanted || !formTeams(this.mode, [...group, candidate]))
        continue;
      group.push(candidate);
      players += candidate.players.length;
      if (players === this.wanted) return formTeams(this.mode, group);
    }
    // Everybody near was looked at: a newcomer can help, and he wakes his neighbours.
    this.wakeAt.set(ticket, now + longestSleepMs);
    return undefined;
  }
}
