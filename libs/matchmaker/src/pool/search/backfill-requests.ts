import type { Aged } from '../age.js';
import { BackfillAttempt, joinAlone, Vacancies } from './backfill.js';
import { OrderedChunks } from './ordered-chunks.js';
import type { Entry } from '../entry.js';
import type { Rules } from '../rules/rules.js';
import type { Terms } from './terms.js';
import type { TicketClass } from '../entry.js';
import type { BackfillRequest } from '../ticket.js';
import { waitUntilWindow, windowAfter } from './window.js';

interface RequestEntry extends Aged {
  readonly request: BackfillRequest;
  /** The most players of one ticket that a team has places for. */
  readonly largest: number;
  isAwake: boolean;
  /** While asleep: somebody has just come whom it reaches by now. */
  isCalled: boolean;
  /** While asleep: see the same of an `Entry`. */
  wakeAt: number;
  listen: number;
}

/** The tickets that join a running match, for each of its teams. */
export interface BackfillMatch {
  request: BackfillRequest;
  teams: Entry[][];
}

/** The running matches that ask for players. As tickets do, they sleep until there could be somebody. */
export class BackfillRequests {
  private readonly all = new Map<string, RequestEntry>();
  /** The last time that they were looked at, epoch ms. */
  private lookedAt = -Infinity;
  private bySkill = new OrderedChunks<RequestEntry>(({ request }) => request.skill);

  constructor(private readonly rules: Rules) {}

  get size(): number {
    return this.all.size;
  }

  get nextLookAt(): number {
    let next = Infinity;
    for (const { isAwake, isCalled, wakeAt } of this.all.values())
      next = Math.min(next, isAwake || isCalled ? 0 : wakeAt);
    return next;
  }

  ids(): Iterable<string> {
    return this.all.keys();
  }

  getRequest(backfillId: string): BackfillRequest | undefined {
    return this.all.get(backfillId)?.request;
  }

  addRequest(request: BackfillRequest): void {
    const { backfillId, since } = request;
    this.removeRequest(backfillId);
    const entry: RequestEntry = {
      ...{ request, since, ticket: { ticketId: backfillId } },
      largest: new Vacancies(this.rules, request, false).mostFree,
      ...{ isAwake: true, isCalled: false, wakeAt: 0, listen: -1 },
    };
    this.all.set(backfillId, entry);
    this.bySkill.insertEntry(entry);
  }

  removeRequest(backfillId: string): void {
    const entry = this.all.get(backfillId);
    if (!entry) return;
    this.all.delete(backfillId);
    this.bySkill.removeEntry(entry);
  }

  /** Those that could find somebody by now, the oldest first. */
  dueRequests(now: number): string[] {
    this.lookedAt = now;
    const due = [...this.all.values()].filter(
      ({ isAwake, isCalled, wakeAt }) => isAwake || isCalled || wakeAt <= now,
    );
    return due
      .sort((a, b) => a.request.since - b.request.since)
      .map(({ request: { backfillId } }) => backfillId);
  }

  /**
   * Lets one sleep on that was only called, as whoever came is gone by now: each newcomer calls all that it is of use to, and is the first one's.
   *
   * @returns false: it is due all the same
   */
  putBackToSleep(backfillId: string, now: number): boolean {
    const entry = this.all.get(backfillId);
    if (!entry || entry.isAwake || entry.wakeAt <= now) return false;
    entry.isCalled = false;
    return true;
  }

  /** Looks for players for a running match; where there are none it sleeps. */
  serveRequest(backfillId: string, classes: readonly TicketClass[], now: number): BackfillMatch | undefined {
    const entry = this.all.get(backfillId);
    if (!entry) return undefined;
    const { request } = entry;
    const attempt = new BackfillAttempt(this.rules, request, now);
    const teams = attempt.fillPlaces(classes);
    if (teams) return { request, teams };
    entry.isAwake = entry.isCalled = false;
    entry.wakeAt = attempt.wakeAt;
    entry.listen = this.reachAt(entry.wakeAt, request.since);
    return undefined;
  }

  /** Looks for a running match for a ticket, the nearest first. */
  joinOne(entry: Entry, terms: Terms): BackfillMatch | undefined {
    for (const { request, largest } of this.bySkill.around(entry.skill)) {
      if (Math.abs(request.skill - entry.skill) > terms.reach) return undefined;
      const teams = entry.class.size <= largest && joinAlone(this.rules, entry, terms, request);
      if (teams) return { request, teams };
    }
    return undefined;
  }

  /** How far the nearest is that is farther than this, points of skill. */
  nearestBeyond({ skill }: Entry, reach: number): number {
    let nearest = Infinity;
    for (const { request } of this.all.values()) {
      const distance = Math.abs(request.skill - skill);
      if (distance > reach) nearest = Math.min(nearest, distance);
    }
    return nearest;
  }

  /**
   * Somebody came: requests that would reach the newcomer before they wake, wake then.
   *
   * @param size of the newcomer's party
   */
  announceArrival(skill: number, size: number): void {
    for (const sleeper of this.all.values()) {
      const { request, isAwake, listen, largest } = sleeper;
      const distance = Math.abs(request.skill - skill);
      if (isAwake || size > largest || distance > listen) continue;
      const reachesAt = request.since + waitUntilWindow(this.rules.mode, distance);
      if (reachesAt <= this.lookedAt) sleeper.isCalled = true;
      else if (reachesAt < sleeper.wakeAt) {
        sleeper.wakeAt = reachesAt;
        sleeper.listen = this.reachAt(reachesAt, request.since);
      }
    }
  }

  copyRequests(): BackfillRequests {
    const copy = new BackfillRequests(this.rules);
    for (const [id, entry] of this.all) copy.all.set(id, { ...entry });
    copy.lookedAt = this.lookedAt;
    copy.bySkill = this.bySkill.copyChunks(({ request }) => copy.all.get(request.backfillId) as RequestEntry);
    return copy;
  }

  private reachAt(time: number, since: number): number {
    return windowAfter(this.rules.mode, time - since);
  }
}
