import type { Entry } from '../entry.js';
import { compareDistance } from '../entry.js';
import { formMatch, type Teams } from './form-match.js';
import { type Rules, waitUntilExtra } from '../rules/rules.js';
import { findNearest, type SearchWindow } from './search-window.js';
import type { MatchSize, Terms } from './terms.js';
import type { TicketClass } from '../entry.js';
import { afterCutMs, widenedWait, wideningStepMs, waitUntilWindow } from './window.js';

/** A ticket's try to be matched: its terms, what it saw, and until when trying again is of no use. */
export class MatchAttempt {
  /** Bits of the classes of which it saw as many as any match could take. */
  enough: number;
  private beyond = Infinity;
  private excessMs = Infinity;
  private isCut = false;
  private readonly seen = new Map<number, Entry[]>();

  constructor(
    private readonly rules: Rules,
    private readonly classes: readonly TicketClass[],
    private readonly self: Entry,
    private readonly terms: Terms,
    private readonly now: number,
  ) {
    // A class that nobody is in yet can't have enough.
    this.enough = classes.reduce((bits, { bit }) => bits | bit, 0);
  }

  /** Forms a match of full size, or of one of the smaller sizes that the wait allows. */
  formMatch(size: MatchSize): Teams | undefined {
    const { rules, terms, self } = this;
    const { places, likeReach } = rules;
    const wishes = terms.needsRoles || places.length === 0 ? [places] : [places, []];
    for (const wish of wishes)
      for (const region of this.regionsFor()) {
        const formation = formMatch(self, this.candidatesFor(region), size, { places: wish, likeReach });
        if (formation.teams) return formation.teams;
        this.isCut ||= formation.isCut;
      }
    return undefined;
  }

  /** For an attempt that found nothing: the time before which nothing changes unless somebody comes, epoch ms. */
  wakeAt(nearestRequest: number): number {
    const { rules, terms, self, now } = this;
    const nextStep = widenedWait(now - self.since) + wideningStepMs;
    const beyond = Math.min(this.beyond, nearestRequest);
    const waits = [terms.nextChangeMs];
    if (beyond < Infinity) waits.push(Math.max(nextStep, waitUntilWindow(rules.mode, beyond)));
    // Where anyone will do, no limit keeps somebody off.
    if (this.excessMs < Infinity && !terms.isAnyone)
      waits.push(Math.max(nextStep, waitUntilExtra(rules, terms.extraMs + this.excessMs)));
    const wakeAt = self.since + Math.min(...waits);
    return this.isCut ? Math.min(wakeAt, now + afterCutMs) : wakeAt;
  }

  /** Where it could play: its best region first; -1, anywhere, in a mode without limits and after the longest wait. */
  private regionsFor(): number[] {
    const { latency } = this.self;
    if (!latency) return [-1];
    const accepted: number[] = [];
    latency.forEach((value, region) => {
      const excess = value - this.limitOf(region);
      if (excess <= 0) accepted.push(region);
      else this.excessMs = Math.min(this.excessMs, excess);
    });
    accepted.sort((a, b) => latency[a] - latency[b]);
    return this.terms.isAnyone ? [...accepted, -1] : accepted;
  }

  private limitOf(region: number): number {
    return region < 0 ? Infinity : this.rules.limits[region] + this.terms.extraMs;
  }

  /** Nearest first: of each class as many as a full match could take. */
  private candidatesFor(region: number): Entry[] {
    const known = this.seen.get(region);
    if (known) return known;
    const { self, terms } = this;
    const { teams, teamSize } = this.rules.mode;
    const { skill } = self;
    const window: SearchWindow = { self, skill, reach: terms.reach, region, limitMs: this.limitOf(region) };
    const found: Entry[] = [];
    for (const one of this.classes) {
      const most = teams * Math.floor(teamSize / one.size);
      const result = findNearest(one.index, window, one === self.class ? most - 1 : most, found);
      if (!result.isEnough) this.enough &= ~one.bit;
      this.beyond = Math.min(this.beyond, result.beyond);
      this.excessMs = Math.min(this.excessMs, result.excessMs);
      this.isCut ||= result.isCut;
    }
    found.sort(compareDistance);
    this.seen.set(region, found);
    return found;
  }
}
