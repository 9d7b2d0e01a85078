import { BackfillAttempt, joinAlone } from './backfill.js';
import type { Entry } from '../entry.js';
import type { Rules } from '../rules/rules.js';
import type { Terms } from './terms.js';
import type { TicketClass } from '../entry.js';
import type { BackfillRequest } from '../ticket.js';
import { waitUntilWindow, windowAfter } from './window.js';

interface RequestEntry {
  readonly request: BackfillRequest;
  isAwake: boolean;
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

  constructor(private readonly rules: Rules) {}

  get size(): number {
    return this.all.size;
  }

  get nextLookAt(): number {
    let next = Infinity;
    for (const { isAwake, wakeAt } of this.all.values()) next = Math.min(next, isAwake ? 0 : wakeAt);
    return next;
  }

  ids(): Iterable<string> {
    return this.all.keys();
  }

  getRequest(backfillId: string): BackfillRequest | undefined {
    return this.all.get(backfillId)?.request;
  }

  addRequest(request: BackfillRequest): void {
    this.all.set(request.backfillId, { request, isAwake: true, wakeAt: 0, listen: -1 });
  }

  removeRequest(backfillId: string): void {
    this.all.delete(backfillId);
  }

  /** Those that could find somebody by now, the oldest first. */
  dueRequests(now: number): string[] {
    const due = [...this.all.values()].filter(({ isAwake, wakeAt }) => isAwake || wakeAt <= now);
    return due
      .sort((a, b) => a.request.since - b.request.since)
      .map(({ request: { backfillId } }) => backfillId);
  }

  /** Looks for players for a running match; where there are none it sleeps. */
  serveRequest(backfillId: string, classes: readonly TicketClass[], now: number): BackfillMatch | undefined {
    const entry = this.all.get(backfillId);
    if (!entry) return undefined;
    const { request } = entry;
    const attempt = new BackfillAttempt(this.rules, request, now);
    const teams = attempt.fillPlaces(classes);
    if (teams) return { request, teams };
    entry.isAwake = false;
    entry.wakeAt = attempt.wakeAt;
    entry.listen = this.reachAt(entry.wakeAt, request.since);
    return undefined;
  }

  /** Looks for a running match for a ticket, the nearest first. */
  joinOne(entry: Entry, terms: Terms): BackfillMatch | undefined {
    const distanceTo = ({ skill }: BackfillRequest): number => Math.abs(skill - entry.skill);
    const inReach = [...this.all.values()]
      .map(({ request }) => request)
      .filter((request) => distanceTo(request) <= terms.reach);
    for (const request of inReach.sort((a, b) => distanceTo(a) - distanceTo(b))) {
      const teams = joinAlone(this.rules, entry, terms, request);
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

  /** Somebody came: requests that would reach the newcomer before they wake, wake then. */
  announceSkill(skill: number): void {
    for (const sleeper of this.all.values()) {
      const { request, isAwake, listen } = sleeper;
      const distance = Math.abs(request.skill - skill);
      if (isAwake || distance > listen) continue;
      sleeper.wakeAt = Math.min(sleeper.wakeAt, request.since + waitUntilWindow(this.rules.mode, distance));
      sleeper.listen = this.reachAt(sleeper.wakeAt, request.since);
    }
  }

  copyRequests(): BackfillRequests {
    const copy = new BackfillRequests(this.rules);
    for (const [id, request] of this.all) copy.all.set(id, { ...request });
    return copy;
  }

  private reachAt(time: number, since: number): number {
    return time === Infinity ? Infinity : windowAfter(this.rules.mode, time - since);
  }
}
