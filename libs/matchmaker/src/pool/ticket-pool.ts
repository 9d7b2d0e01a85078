import type { Explanation } from '../contracts/explanation.js';
import { AgeQueue } from './search/age-queue.js';
import { MatchAttempt } from './search/match-attempt.js';
import { type Entry, newEntry } from './entry.js';
import { compareAge } from './age.js';
import { explainEntry } from './explaining/explain.js';
import { formedBackfill, formedMatch } from './search/formed.js';
import type { Teams } from './search/form-match.js';
import { fewestPlayersOf, type Mode } from './rules/mode.js';
import { OrderedChunks } from './search/ordered-chunks.js';
import { type BackfillMatch, BackfillRequests } from './search/backfill-requests.js';
import { latencyOf, type Rules, rulesOf } from './rules/rules.js';
import { findNearest } from './search/search-window.js';
import { WakeSchedule } from './sleeping/wake-schedule.js';
import { RoleWaiters } from './sleeping/role-waiters.js';
import { type Terms, termsAfter } from './search/terms.js';
import { TicketClasses } from './ticket-class.js';
import type { BackfillRequest, FormedMatch, Ticket } from './ticket.js';

/** With more tickets an explanation tells only of the nearest, and looks not ahead: to copy them would keep joins waiting. */
const mostExplained = 5_000;

/**
 * The tickets of one mode whose hard keys agree. Pure: the time is given, nothing is stored or sent.
 *
 * Oldest first: each ticket looks for a match around itself, as far as its own wait lets it. One that finds none sleeps until
 * its wait could let it see more, or somebody comes who is of use to it: a pass costs what has changed, not what is there.
 */
export class TicketPool {
  private readonly rules: Rules;
  private classes: TicketClasses;
  private readonly entries = new Map<string, Entry>();
  private ages = new OrderedChunks<Entry>(({ since }) => since);
  private awake = new AgeQueue();
  private wakeSchedule: WakeSchedule;
  private roleWaiters: RoleWaiters;
  private requests: BackfillRequests;
  private players = 0;

  constructor(readonly mode: Mode) {
    this.rules = rulesOf(mode);
    this.classes = new TicketClasses(mode);
    this.wakeSchedule = new WakeSchedule(mode, this.classes);
    this.roleWaiters = new RoleWaiters(this.rules);
    this.requests = new BackfillRequests(this.rules);
  }

  /** Open tickets. */
  get size(): number {
    return this.entries.size;
  }

  /** False: nobody could be matched now, whatever rules say, as too few players are here. */
  get mayForm(): boolean {
    return this.size > 0 && (this.players >= fewestPlayersOf(this.mode) || this.backfills > 0);
  }

  /** Running matches that ask for players. */
  get backfills(): number {
    return this.requests.size;
  }

  /** Ids of those. */
  backfillIds(): Iterable<string> {
    return this.requests.ids();
  }

  getTicket(ticketId: string): Ticket | undefined {
    return this.entries.get(ticketId)?.ticket;
  }

  /** A ticket that is here already stays as it is. */
  addTicket(ticket: Ticket): void {
    if (this.entries.has(ticket.ticketId)) return;
    const entry = newEntry(ticket, this.classes.classOf(ticket), latencyOf(this.rules, ticket));
    this.entries.set(ticket.ticketId, entry);
    this.players += ticket.players.length;
    this.ages.insertEntry(entry);
    this.wakeSchedule.announceArrival(entry.skill, entry.class.bit);
    entry.class.index.insertEntry(entry);
    this.roleWaiters.noteArrival(entry);
    this.awake.pushEntry(entry);
    this.requests.announceArrival(entry.skill, entry.class.size);
  }

  removeTicket(ticketId: string): Ticket | undefined {
    const entry = this.entries.get(ticketId);
    if (!entry) return undefined;
    this.entries.delete(ticketId);
    this.players -= entry.ticket.players.length;
    this.ages.removeEntry(entry);
    this.classes.leaveClass(entry);
    this.roleWaiters.noteDeparture(entry);
    this.leaveState(entry, 'gone');
    return entry.ticket;
  }

  /** A new request replaces one that is here already. */
  addBackfill(request: BackfillRequest): void {
    this.requests.addRequest(request);
    this.wakeSchedule.announceArrival(request.skill, 0);
    for (const entry of this.roleWaiters.releaseAll()) this.wakeEntry(entry);
  }

  removeBackfill(backfillId: string): BackfillRequest | undefined {
    const request = this.requests.getRequest(backfillId);
    this.requests.removeRequest(backfillId);
    return request;
  }

  /**
   * Forms matches and takes their tickets out: first for running matches that ask for players, then for the oldest ticket,
   * and so on. Stops between two steps, each of which is short, when `mayGoOn` says so: what is left is done by the next call.
   */
  formMatches(now: number, mayGoOn: () => boolean = () => true): FormedMatch[] {
    const matches: FormedMatch[] = [];
    for (const backfillId of this.requests.dueRequests(now)) {
      if (!this.awake.first() && this.requests.putBackToSleep(backfillId, now)) continue;
      if (!mayGoOn()) return matches;
      const joining = this.requests.serveRequest(backfillId, this.classes.all, now);
      if (joining) matches.push(this.takeOutJoined(joining));
    }
    for (let due = this.wakeSchedule.takeDue(now); due; due = this.wakeSchedule.takeDue(now)) {
      this.wakeEntry(due);
      if (!mayGoOn()) return matches;
    }
    this.roleWaiters.askWaiters(now);
    while (mayGoOn()) {
      const entry = this.nextEntry(now, mayGoOn);
      if (!entry) break;
      const match = this.matchFor(entry, now);
      if (match) matches.push(match);
    }
    return matches;
  }

  /** When a pass could form something though nobody comes, epoch ms. 0: at once. Infinity: never. */
  nextLookAt(): number {
    if (this.awake.first()) return 0;
    return Math.min(this.wakeSchedule.nextWakeAt, this.roleWaiters.nextLookAt, this.requests.nextLookAt);
  }

  /** Its place among those who wait, by age from 1. */
  positionOf(ticketId: string): { position: number; waiting: number } | undefined {
    const entry = this.entries.get(ticketId);
    return entry && { position: this.ages.rankOf(entry) + 1, waiting: this.size };
  }

  /** Why a ticket is not matched yet, in steps of a few ms: as it is at the first one. Undefined: it isn't here. */
  *explainTicket(ticketId: string, now: number): Generator<void, Explanation | undefined> {
    const entry = this.entries.get(ticketId);
    if (!entry) return undefined;
    const { rules, size: waiting, backfills } = this;
    const isSmall = waiting <= mostExplained;
    const others = isSmall ? [...this.entries.values()] : this.nearestTo(entry, mostExplained / 10);
    const ahead = isSmall ? this.copyPool() : undefined;
    const position = this.ages.rankOf(entry) + 1;
    yield;
    return yield* explainEntry({ rules, others, position, waiting, backfills, ahead }, entry, now);
  }

  private nearestTo(self: Entry, mostOfClass: number): Entry[] {
    const window = { self, skill: self.skill, reach: Infinity, region: -1, limitMs: Infinity };
    const found: Entry[] = [];
    for (const { index } of this.classes.all) findNearest(index, window, mostOfClass, found);
    return found;
  }

  /** Another in the same state, which goes its own way. */
  private copyPool(): TicketPool {
    const copy = new TicketPool(this.mode);
    const twins: Entry[] = [];
    for (const entry of this.entries.values()) {
      entry.place = twins.length;
      twins.push({ ...entry });
    }
    const twinOf = ({ place }: Entry): Entry => twins[place];
    copy.classes = this.classes.copyClasses(this.mode, twinOf);
    for (const twin of twins) {
      twin.class = copy.classes.all[twin.class.place];
      copy.entries.set(twin.ticket.ticketId, twin);
    }
    copy.ages = this.ages.copyChunks(twinOf);
    copy.awake = this.awake.copyQueue(twinOf);
    copy.wakeSchedule = this.wakeSchedule.copySchedule(copy.classes, twinOf);
    copy.roleWaiters = this.roleWaiters.copyWaiters(twinOf);
    copy.requests = this.requests.copyRequests();
    return copy;
  }

  /** The next one in turn: the oldest of those who are awake, and of those who wait for a role and could have it. */
  private nextEntry(now: number, mayGoOn: () => boolean): Entry | undefined {
    const waiter = this.roleWaiters.firstServable(now, mayGoOn);
    if (!waiter && this.roleWaiters.isInterrupted) return undefined;
    const awake = this.awake.first();
    if (!awake || (waiter && compareAge(waiter, awake) < 0)) return waiter;
    this.awake.takeEntry(awake);
    return awake;
  }

  private matchFor(entry: Entry, now: number): FormedMatch | undefined {
    const terms = termsAfter(this.mode, now - entry.since);
    if (this.waitForRole(entry, terms)) return undefined;
    const attempt = new MatchAttempt(this.rules, this.classes.all, entry, terms, now);
    const [largest, ...smaller] = terms.sizes;
    const full = attempt.formMatch(largest);
    if (full) return this.takeOutMatched(full, terms);
    const joining = this.requests.joinOne(entry, terms);
    if (joining) return this.takeOutJoined(joining);
    for (const size of smaller) {
      const teams = attempt.formMatch(size);
      if (teams) return this.takeOutMatched(teams, terms);
    }
    const wakeAt = attempt.wakeAt(this.requests.nearestBeyond(entry, terms.reach));
    this.leaveState(entry, 'asleep');
    this.wakeSchedule.scheduleWake(entry, wakeAt, attempt.enough);
    return undefined;
  }

  private wakeEntry(entry: Entry): void {
    this.leaveState(entry, 'awake');
    entry.listen = -1;
    entry.enough = -1;
    this.awake.pushEntry(entry);
  }

  /** Takes a ticket out of whatever holds it by its state. */
  private leaveState(entry: Entry, next: Entry['state']): void {
    const { state } = entry;
    entry.state = next;
    if (state === 'awake') return this.awake.dropEntry(entry);
    this.wakeSchedule.dropEntry(entry);
    if (state === 'lacks-role') this.roleWaiters.dropWaiter(entry);
  }

  private takeOutMatched(teams: Teams, { extraMs }: Terms): FormedMatch {
    for (const { ticket } of teams.flat()) this.removeTicket(ticket.ticketId);
    return formedMatch(this.rules, teams, extraMs);
  }

  private takeOutJoined(joining: BackfillMatch): FormedMatch {
    this.requests.removeRequest(joining.request.backfillId);
    for (const { ticket } of joining.teams.flat()) this.removeTicket(ticket.ticketId);
    return formedBackfill(this.rules, joining);
  }

  /** Whether it lacks a role, whoever else is there. Where running matches ask, one may take it all the same. */
  private waitForRole(entry: Entry, { needsRoles, fewestTeams, reach, nextChangeMs }: Terms): boolean {
    if (!needsRoles || this.requests.size > 0) return false;
    const distance = this.roleWaiters.distanceFor(entry, fewestTeams);
    if (distance <= reach) return false;
    this.roleWaiters.addWaiter(entry, distance);
    this.wakeSchedule.planWake(entry, entry.since + nextChangeMs);
    return true;
  }
}
