import { compareDistance, type Entry } from '../entry.js';
import { assignPlaces, missingPlaces } from '../rules/roles.js';
import { type Rules, waitUntilExtra } from '../rules/rules.js';
import { findNearest, type SearchWindow } from './search-window.js';
import { type Terms, termsAfter } from './terms.js';
import { masksOf } from '../ticket-class.js';
import type { TicketClass } from '../entry.js';
import type { BackfillRequest, FormedMatch } from '../ticket.js';
import { afterCutMs, waitUntilWindow, widenedWait, wideningStepMs } from './window.js';

/** One team's free places. */
interface Vacancy {
  free: number;
  /** The bits of the roles that are kept. */
  kept: number[];
  joining: Entry[];
}

/** The free places of a running match while they are given away. */
export class Vacancies {
  private readonly teams: Vacancy[];

  constructor({ roles }: Rules, { places, lacks = [] }: BackfillRequest, keepsRoles: boolean) {
    const count = Math.max(-1, ...places) + 1;
    this.teams = Array.from({ length: count }, (_, team) => ({
      free: places.filter((place) => place === team).length,
      // A role that the mode has no longer could be played by nobody.
      kept: keepsRoles
        ? lacks
            .filter((lack) => lack.team === team && roles.includes(lack.role))
            .map(({ role }) => 1 << roles.indexOf(role))
        : [],
      joining: [],
    }));
  }

  get mostFree(): number {
    return Math.max(0, ...this.teams.map(({ free }) => free));
  }

  /** How many tickets of a size could join. */
  roomFor(size: number): number {
    return this.teams.reduce((sum, { free }) => sum + Math.floor(free / size), 0);
  }

  /** Lets a ticket join the team with most room that can have it. False: none can. */
  takePlace(entry: Entry): boolean {
    const { size } = entry.class;
    const [team] = this.teams
      .filter((one) => one.free >= size && isCoverable(one, entry))
      .sort((a, b) => b.free - a.free);
    if (!team) return false;
    team.free -= size;
    team.joining.push(entry);
    return true;
  }

  get joining(): Entry[][] {
    return this.teams.map(({ joining }) => joining);
  }
}

function isCoverable({ free, kept, joining }: Vacancy, entry: Entry): boolean {
  const masks = [...joining, entry].flatMap((one) => one.class.masks);
  return missingPlaces(kept, masks) <= free - entry.class.size;
}

/** A request's try to find players; it takes whoever comes, if not all. */
export class BackfillAttempt {
  private readonly terms: Terms;
  private beyond = Infinity;
  private excessMs = Infinity;
  private isCut = false;

  constructor(
    private readonly rules: Rules,
    private readonly request: BackfillRequest,
    private readonly now: number,
  ) {
    this.terms = termsAfter(rules.mode, now - request.since);
  }

  fillPlaces(classes: readonly TicketClass[]): Entry[][] | undefined {
    const { rules, request, terms } = this;
    const vacancies = new Vacancies(rules, request, terms.needsRoles);
    const region = terms.isAnyone ? -1 : regionOf(rules, request);
    const limitMs = (rules.limits[region] ?? Infinity) + terms.extraMs;
    const window: SearchWindow = {
      self: undefined,
      skill: request.skill,
      reach: terms.reach,
      region,
      limitMs,
    };
    const found: Entry[] = [];
    for (const { index, size } of classes) {
      const most = vacancies.roomFor(size);
      if (most === 0) continue;
      const result = findNearest(index, window, most, found);
      this.beyond = Math.min(this.beyond, result.beyond);
      this.excessMs = Math.min(this.excessMs, result.excessMs);
      this.isCut ||= result.isCut;
    }
    const taken = found.sort(compareDistance).filter((entry) => vacancies.takePlace(entry));
    return taken.length > 0 ? vacancies.joining : undefined;
  }

  /** For an attempt that found nobody: the time before which nothing changes unless somebody comes, epoch ms. */
  get wakeAt(): number {
    const { rules, request, terms, now } = this;
    const nextStep = widenedWait(now - request.since) + wideningStepMs;
    const waits = [terms.nextChangeMs];
    if (this.beyond < Infinity) waits.push(Math.max(nextStep, waitUntilWindow(rules.mode, this.beyond)));
    if (this.excessMs < Infinity && !terms.isAnyone)
      waits.push(Math.max(nextStep, waitUntilExtra(rules, terms.extraMs + this.excessMs)));
    const wakeAt = request.since + Math.min(...waits);
    return this.isCut ? Math.min(wakeAt, now + afterCutMs) : wakeAt;
  }
}

/** Lets one ticket, which has the wider window, join a running match. */
export function joinAlone(
  rules: Rules,
  entry: Entry,
  terms: Terms,
  request: BackfillRequest,
): Entry[][] | undefined {
  const region = terms.isAnyone ? -1 : regionOf(rules, request);
  const limitMs = (rules.limits[region] ?? Infinity) + terms.extraMs;
  if (region >= 0 && (entry.latency?.[region] ?? 0) > limitMs) return undefined;
  const vacancies = new Vacancies(rules, request, terms.needsRoles);
  return vacancies.takePlace(entry) ? vacancies.joining : undefined;
}

const regionOf = ({ regions }: Rules, { region }: BackfillRequest): number =>
  region === undefined ? -1 : regions.indexOf(region);

/** The kept places of a running match that its newcomers take: the role by player. */
export function rolesTaken(
  { roles }: Rules,
  { lacks = [] }: BackfillRequest,
  teams: readonly Entry[][],
): Record<string, string> {
  const taken = teams.flatMap((joining, team): Array<[string, string]> => {
    const kept = lacks.filter((lack) => lack.team === team).map(({ role }) => role);
    const players = joining.flatMap(({ ticket }) => ticket.players);
    const masks = joining.flatMap(({ ticket }) => masksOf(roles, ticket));
    const places = kept.map((role) => 1 << roles.indexOf(role));
    return assignPlaces(places, masks).flatMap((player, place) =>
      player < 0 ? [] : [[players[player], kept[place]]],
    );
  });
  return Object.fromEntries<string>(taken);
}

/**
 * The rest of a running match's request once the found players have joined: under the same id and of the same age.
 * Undefined: nothing.
 */
export function remainderOf({ backfill, teams, roles = {} }: FormedMatch): BackfillRequest | undefined {
  if (!backfill) return undefined;
  const places = [...backfill.places];
  const lacks = [...(backfill.lacks ?? [])];
  teams.forEach((tickets, team) => {
    for (const player of tickets.flatMap(({ players }) => players)) {
      drop(places, (place) => place === team);
      drop(lacks, (lack) => lack.team === team && lack.role === roles[player]);
    }
  });
  if (places.length === 0) return undefined;
  return { ...backfill, places, ...(backfill.lacks && { lacks }) };
}

function drop<T>(list: T[], isIt: (item: T) => boolean): void {
  const at = list.findIndex(isIt);
  if (at >= 0) list.splice(at, 1);
}
