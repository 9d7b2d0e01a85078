import type { CandidateGroup } from '../../contracts/explanation.js';
import { groupOf, type Refusal, refusedGroup } from './candidate-groups.js';
import type { Entry } from '../entry.js';
import { lackOf, type Lack } from './needs.js';
import { type Rules, waitUntilExtra } from '../rules/rules.js';
import { type Terms, termsAfter } from '../search/terms.js';
import type { TicketClass } from '../entry.js';
import { waitUntilWindow } from '../search/window.js';

/** The limits that a ticket's wait allows, where most can play with it. */
export interface View {
  self: Entry;
  terms: Terms;
  /** As an index into the mode's limits; -1: anywhere. */
  region: number;
  allowed: Entry[];
  /** Its match would lack this. */
  lack: Lack;
}

/** The tickets near one, by region, and what a match of them lacks. @param now epoch ms */
export function viewOf(rules: Rules, self: Entry, others: Iterable<Entry>, now: number): View {
  const terms = termsAfter(rules.mode, now - self.since);
  const near = [...others].filter((entry) => entry !== self && distanceOf(self, entry) <= terms.reach);
  const views = regionsOf(rules, self, terms).map((region) => {
    const allowed = near.filter((entry) => excessOf(rules, terms, region, entry) <= 0);
    const isHere = excessOf(rules, terms, region, self) <= 0;
    const lack: Lack = isHere ? lackOf(rules, terms, self, enoughOf(rules, allowed)) : { rule: 'latency' };
    return { region, allowed, lack };
  });
  const need = ({ lack }: { lack: Lack }): number =>
    lack.rule === 'none' ? 0 : (lack.need?.players ?? Infinity);
  const [best] = views.sort((a, b) => need(a) - need(b));
  return { self, terms, ...best };
}

/** Sorts all others into groups by the first rule that keeps them from a match around the ticket, or one that sees it. */
export function groupsAround(
  rules: Rules,
  view: View,
  others: Iterable<Entry>,
  now: number,
): CandidateGroup[] {
  const { self, terms, region, allowed, lack } = view;
  const [outside, tooSlow]: Refusal[][] = [[], []];
  const seeing: Entry[] = [];
  for (const entry of others) {
    if (entry === self) continue;
    const distance = distanceOf(self, entry);
    const excess = excessOf(rules, terms, region, entry);
    if (distance > terms.reach) {
      const until = Math.min(self.since, entry.since) + waitUntilWindow(rules.mode, distance);
      if (until <= now) seeing.push(entry);
      else outside.push({ entry, beyond: distance - terms.reach, until });
    } else if (excess > 0) {
      const { longestWaitMs = Infinity } = rules.mode;
      const wait = Math.min(waitUntilExtra(rules, terms.extraMs + excess), longestWaitMs);
      tooSlow.push({ entry, beyond: excess, until: self.since + wait });
    }
  }
  const oldest = seeing.reduce<Entry | undefined>((a, b) => (a && a.since <= b.since ? a : b), undefined);
  const around = oldest && viewOf(rules, oldest, others, now).lack.rule;
  return [
    groupOf(rules, { rule: lack.rule, around: 'own' }, allowed),
    groupOf(rules, { rule: around ?? 'none', around: 'other' }, seeing),
    refusedGroup(rules, 'window', outside, now),
    refusedGroup(rules, 'latency', tooSlow, now),
  ].filter(({ tickets }) => tickets > 0);
}

const distanceOf = (self: Entry, entry: Entry): number => Math.abs(entry.skill - self.skill);

/** By how much its latency is above the limit, ms. */
function excessOf({ limits }: Rules, { extraMs }: Terms, region: number, { latency }: Entry): number {
  return region < 0 || !latency ? 0 : latency[region] - limits[region] - extraMs;
}

/** Where it could play; its best region when it could nowhere, as nobody is allowed there either. */
function regionsOf(rules: Rules, self: Entry, terms: Terms): number[] {
  const { latency } = self;
  if (!latency || terms.isAnyone) return [-1];
  const all = latency.map((_value, region) => region);
  const accepted = all.filter((region) => excessOf(rules, terms, region, self) <= 0);
  const excess = (region: number): number => excessOf(rules, terms, region, self);
  return accepted.length > 0 ? accepted : [all.reduce((a, b) => (excess(a) <= excess(b) ? a : b))];
}

/** Counts no more of each class than a match can take: further ones change nothing. */
function enoughOf({ mode }: Rules, entries: readonly Entry[]): Entry[] {
  const counts = new Map<TicketClass, number>();
  return entries.filter(({ class: one }) => {
    const count = (counts.get(one) ?? 0) + 1;
    counts.set(one, count);
    return count <= mode.teams * Math.floor(mode.teamSize / one.size);
  });
}
