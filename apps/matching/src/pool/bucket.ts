import type { Explanation } from '#contracts';
import { Attempt } from './attempt.js';
import { BackfillAttempt, joinAlone, type RequestEntry, rolesTaken } from './backfill.js';
import { AgeQueue } from './age-queue.js';
import { compareAge, type Entry } from './entry.js';
import type { Teams } from './form-match.js';
import { explain } from './explain.js';
import { Heap } from './heap.js';
import type { Mode } from './mode.js';
import { OrderedChunks } from './ordered-chunks.js';
import { assignPlaces } from './roles.js';
import { bestRegion, latencyOf, type Rules, rulesOf } from './rules.js';
import { look } from './sight.js';
import { Starved } from './starved.js';
import { type Terms, termsAfter } from './terms.js';
import { masksOf, TicketClasses } from './ticket-class.js';
import type { BackfillRequest, FormedMatch, Ticket } from './ticket.js';
import { waitUntilWindow, windowAfter } from './window.js';

/** Of more tickets an explanation tells only of the nearest, and looks not ahead: it must not keep joins waiting. */
const mostExplained = 10_000;

/**
 * The tickets of one mode whose hard keys agree. Pure: the time is given, nothing is stored or sent.
 *
 * Oldest first: each ticket looks for a match around itself, as far as its own wait lets it. One that finds none sleeps until
 * its wait could let it see more, or somebody comes who is of use to it: a pass costs what has changed, not what is there.
 */
export class Bucket {
  private readonly rules: Rules;
  private classes: TicketClasses;
  private readonly entries = new Map<string, Entry>();
  private ages = new OrderedChunks(({ since }) => since);
  private awake = new AgeQueue('awake');
  private asleep = new Heap<Entry>((a, b) => a.wakeAt < b.wakeAt);
  private starved: Starved;
  private readonly requests = new Map<string, RequestEntry>();

  constructor(readonly mode: Mode) {
    this.rules = rulesOf(mode);
    this.classes = new TicketClasses(mode);
    this.starved = new Starved(this.rules);
  }

  /** Open tickets. */
  get size(): number {
    return this.entries.size;
  }

  /** Running matches that ask for players. */
  get backfills(): number {
    return this.requests.size;
  }

  get(ticketId: string): Ticket | undefined {
    return this.entries.get(ticketId)?.ticket;
  }

  getBackfill(backfillId: string): BackfillRequest | undefined {
    return this.requests.get(backfillId)?.request;
  }

  /** A ticket that is here already stays as it is. */
  add(ticket: Ticket): void {
    if (this.entries.has(ticket.ticketId)) return;
    const entry: Entry = {
      ticket,
      skill: ticket.skill,
      since: ticket.since,
      class: this.classes.of(ticket),
      latency: latencyOf(this.rules, ticket),
      state: 'awake',
      wakeAt: 0,
      listen: -1,
      enough: -1,
      distance: 0,
      heapPlace: -1,
    };
    this.entries.set(ticket.ticketId, entry);
    this.ages.add(entry);
    this.announce(entry.skill, entry.class.bit);
    entry.class.index.add(entry);
    this.starved.came(entry);
    this.awake.push(entry);
    this.rouseRequests(entry.skill);
  }

  remove(ticketId: string): Ticket | undefined {
    const entry = this.entries.get(ticketId);
    if (!entry) return undefined;
    this.entries.delete(ticketId);
    this.ages.remove(entry);
    entry.class.index.remove(entry);
    if (entry.heapPlace >= 0) this.asleep.remove(entry);
    this.starved.left(entry);
    entry.state = 'gone';
    return entry.ticket;
  }

  /** Of a request that is here already the new one counts. */
  addBackfill(request: BackfillRequest): void {
    this.requests.set(request.backfillId, { request, isAwake: true, wakeAt: 0, listen: -1 });
    this.announce(request.skill, 0);
    for (const entry of this.starved.release()) this.wake(entry);
  }

  removeBackfill(backfillId: string): BackfillRequest | undefined {
    const request = this.getBackfill(backfillId);
    this.requests.delete(backfillId);
    return request;
  }

  /**
   * Forms matches and takes their tickets out: first for running matches that ask for players, then for the oldest ticket,
   * and so on. Stops between two tickets when `mayGoOn` says so: what is left is done by the next call.
   */
  match(now: number, mayGoOn: () => boolean = () => true): FormedMatch[] {
    const matches: FormedMatch[] = [];
    for (const request of this.dueRequests(now)) {
      if (!mayGoOn()) return matches;
      const match = this.serve(request, now);
      if (match) matches.push(match);
    }
    this.wakeDue(now);
    this.awake.restart();
    this.starved.ask(now);
    for (let entry = this.next(now); entry && mayGoOn(); entry = this.next(now)) {
      const match = this.matchFor(entry, now);
      if (match) matches.push(match);
    }
    this.starved.interrupt();
    return matches;
  }

  /** When a pass could form something though nobody comes, epoch ms. 0: at once. Infinity: never. */
  nextLookAt(): number {
    if (!this.awake.isEmpty) return 0;
    let next = Math.min(this.asleep.first?.wakeAt ?? Infinity, this.starved.nextLookAt);
    for (const { isAwake, wakeAt } of this.requests.values()) next = Math.min(next, isAwake ? 0 : wakeAt);
    return next;
  }

  /** Its place among those who wait, by age from 1. */
  positionOf(ticketId: string): { position: number; waiting: number } | undefined {
    const entry = this.entries.get(ticketId);
    return entry && { position: this.ages.rankOf(entry) + 1, waiting: this.size };
  }

  /** Why a ticket is not matched yet; undefined: it isn't here. */
  explain(ticketId: string, now: number): Explanation | undefined {
    const entry = this.entries.get(ticketId);
    if (!entry) return undefined;
    const { rules, size: waiting, backfills } = this;
    const isSmall = waiting <= mostExplained;
    const others = isSmall ? [...this.entries.values()] : this.nearestTo(entry, mostExplained / 10);
    const ahead = isSmall ? this.copy() : undefined;
    const position = this.ages.rankOf(entry) + 1;
    return explain({ rules, others, position, waiting, backfills, ahead }, entry, now);
  }

  /** So many of each class. */
  private nearestTo(self: Entry, most: number): Entry[] {
    const sight = { self, skill: self.skill, reach: Infinity, region: -1, limitMs: Infinity };
    const found: Entry[] = [];
    for (const { index } of this.classes.all) look(index, sight, most, found);
    return found;
  }

  /** Another in the same state, which goes its own way. */
  private copy(): Bucket {
    const copy = new Bucket(this.mode);
    const twins = new Map<Entry, Entry>();
    for (const entry of this.entries.values()) twins.set(entry, { ...entry });
    copy.classes = this.classes.copy(this.mode, twins);
    for (const twin of twins.values()) {
      twin.class = copy.classes.all[twin.class.id];
      copy.entries.set(twin.ticket.ticketId, twin);
    }
    copy.ages = this.ages.copy(twins);
    copy.awake = this.awake.copy(twins);
    copy.asleep = this.asleep.copy(twins);
    copy.starved = this.starved.copy(twins);
    for (const [id, request] of this.requests) copy.requests.set(id, { ...request });
    return copy;
  }

  private next(now: number): Entry | undefined {
    const [awake, starved] = [this.awake.first(), this.starved.first(now)];
    return awake && starved ? (compareAge(awake, starved) < 0 ? awake : starved) : (awake ?? starved);
  }

  private matchFor(entry: Entry, now: number): FormedMatch | undefined {
    const terms = termsAfter(this.mode, now - entry.since);
    if (this.letStarve(entry, terms)) return undefined;
    const attempt = new Attempt(this.rules, this.classes.all, entry, terms, now);
    const [largest, ...smaller] = terms.sizes;
    const full = attempt.form(largest);
    if (full) return this.formed(full, terms);
    const joined = this.joinRunning(entry, terms);
    if (joined) return joined;
    for (const size of smaller) {
      const teams = attempt.form(size);
      if (teams) return this.formed(teams, terms);
    }
    this.letSleep(entry, attempt, terms.reach);
    return undefined;
  }

  private formed(teams: Teams, { extraMs }: Terms): FormedMatch {
    const { rules } = this;
    const entries = teams.flat();
    for (const { ticket } of entries) this.remove(ticket.ticketId);
    const match: FormedMatch = { teams: ticketsOf(teams) };
    if (rules.roles.length > 0) match.roles = this.rolesIn(teams);
    const latencies = entries.map(({ latency }) => latency);
    const region = bestRegion(rules, extraMs, latencies);
    if (region >= 0) match.region = rules.regions[region];
    return match;
  }

  /** What each player who fills a kept place plays. */
  private rolesIn(teams: Teams): Record<string, string> {
    const { roles, places } = this.rules;
    // Without a prototype: names that no two of them share would make a hidden class each.
    const played = Object.create(null) as Record<string, string>;
    for (const team of teams) {
      const players: string[] = [];
      const masks: number[] = [];
      for (const { ticket } of team) {
        players.push(...ticket.players);
        masks.push(...masksOf(roles, ticket));
      }
      assignPlaces(places, masks).forEach((player, place) => {
        if (player >= 0) played[players[player]] = roles[Math.log2(places[place])];
      });
    }
    return played;
  }

  private dueRequests(now: number): RequestEntry[] {
    const due = [...this.requests.values()].filter(({ isAwake, wakeAt }) => isAwake || wakeAt <= now);
    return due.sort((a, b) => a.request.since - b.request.since);
  }

  private serve(entry: RequestEntry, now: number): FormedMatch | undefined {
    const attempt = new BackfillAttempt(this.rules, entry.request, now);
    const joining = attempt.fill(this.classes.all);
    if (joining) return this.joined(entry.request, joining);
    entry.isAwake = false;
    entry.wakeAt = attempt.wakeAt;
    entry.listen = this.reachAt(entry.wakeAt, entry.request.since);
    return undefined;
  }

  private joinRunning(entry: Entry, terms: Terms): FormedMatch | undefined {
    const distanceTo = ({ skill }: BackfillRequest): number => Math.abs(skill - entry.skill);
    const inReach = [...this.requests.values()]
      .map(({ request }) => request)
      .filter((request) => distanceTo(request) <= terms.reach);
    for (const request of inReach.sort((a, b) => distanceTo(a) - distanceTo(b))) {
      const joining = joinAlone(this.rules, entry, terms, request);
      if (joining) return this.joined(request, joining);
    }
    return undefined;
  }

  private joined(request: BackfillRequest, joining: Entry[][]): FormedMatch {
    this.removeBackfill(request.backfillId);
    for (const { ticket } of joining.flat()) this.remove(ticket.ticketId);
    const match: FormedMatch = { teams: ticketsOf(joining), backfill: request };
    if (this.rules.roles.length > 0) match.roles = rolesTaken(this.rules, request, joining);
    if (request.region !== undefined) match.region = request.region;
    return match;
  }

  /** Whether it lacks a role, whoever else is there. Where running matches ask, one may take it all the same. */
  private letStarve(entry: Entry, { needsRoles, fewestTeams, reach, nextChangeMs }: Terms): boolean {
    if (!needsRoles || this.requests.size > 0) return false;
    const distance = this.starved.distanceFor(entry, fewestTeams);
    if (distance <= reach) return false;
    this.starved.add(entry, distance);
    this.planWake(entry, entry.since + nextChangeMs);
    return true;
  }

  private letSleep(entry: Entry, attempt: Attempt, reach: number): void {
    entry.state = 'asleep';
    const wakeAt = attempt.wakeAt(this.nearestRequestBeyond(entry, reach));
    this.planWake(entry, wakeAt);
    entry.listen = this.reachAt(entry.wakeAt, entry.since);
    entry.enough = attempt.enough;
    const { index } = entry.class;
    const chunk = index.chunks[index.chunkOf(entry)];
    chunk.listen = Math.max(chunk.listen, entry.listen);
    chunk.enough &= entry.enough;
  }

  private planWake(entry: Entry, wakeAt: number): void {
    if (entry.wakeAt === wakeAt && entry.heapPlace >= 0) return;
    if (entry.heapPlace >= 0) this.asleep.remove(entry);
    entry.wakeAt = wakeAt;
    if (wakeAt < Infinity) this.asleep.push(entry);
  }

  private nearestRequestBeyond({ skill }: Entry, reach: number): number {
    let nearest = Infinity;
    for (const { request } of this.requests.values()) {
      const distance = Math.abs(request.skill - skill);
      if (distance > reach) nearest = Math.min(nearest, distance);
    }
    return nearest;
  }

  private reachAt(time: number, since: number): number {
    return time === Infinity ? Infinity : windowAfter(this.mode, time - since);
  }

  private wakeDue(now: number): void {
    for (let entry = this.asleep.first; entry && entry.wakeAt <= now; entry = this.asleep.first) {
      this.asleep.remove(entry);
      this.wake(entry);
    }
  }

  private wake(entry: Entry): void {
    entry.listen = -1;
    entry.enough = -1;
    this.awake.push(entry);
  }

  /** Tells the sleepers of somebody new: whoever will reach him before it would wake, wakes then. */
  private announce(skill: number, bit: number): void {
    for (const { index } of this.classes.all)
      for (const chunk of index.chunks) {
        if (chunk.listen < 0) continue;
        const { entries, keys } = chunk;
        const off = Math.max(keys[0] - skill, skill - keys[keys.length - 1]);
        if (off > chunk.listen || (chunk.enough & bit) !== 0) continue;
        let [listen, enough] = [-1, -1];
        for (const entry of entries) {
          if (entry.listen < 0) continue;
          const distance = Math.abs(entry.skill - skill);
          if (distance <= entry.listen && (entry.enough & bit) === 0) this.rouse(entry, distance);
          listen = Math.max(listen, entry.listen);
          enough &= entry.enough;
        }
        chunk.listen = listen;
        chunk.enough = enough;
      }
  }

  private rouse(entry: Entry, distance: number): void {
    const wakeAt = entry.since + waitUntilWindow(this.mode, distance);
    if (wakeAt >= entry.wakeAt) return;
    this.planWake(entry, wakeAt);
    entry.listen = this.reachAt(wakeAt, entry.since);
  }

  private rouseRequests(skill: number): void {
    for (const sleeper of this.requests.values()) {
      const { request, isAwake, listen } = sleeper;
      const distance = Math.abs(request.skill - skill);
      if (isAwake || distance > listen) continue;
      sleeper.wakeAt = Math.min(sleeper.wakeAt, request.since + waitUntilWindow(this.mode, distance));
      sleeper.listen = this.reachAt(sleeper.wakeAt, request.since);
    }
  }
}

const ticketsOf = (teams: readonly Entry[][]): Ticket[][] =>
  teams.map((team) => team.map(({ ticket }) => ticket));
