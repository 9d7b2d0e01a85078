import type { Arrival, CandidateClass, CandidateGroup, RefusingRule } from '../../contracts/explanation.js';
import type { Entry } from '../entry.js';
import type { Rules } from '../rules/rules.js';
import type { TicketClass } from '../entry.js';

/** One who is kept off, by how much, and until when, epoch ms. */
export interface Refusal {
  entry: Entry;
  beyond: number;
  until: number;
}

/** From now, ms: by these times a group says how many of it are allowed. */
const marks = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000];
/** The most frequent ones; a mode with many roles has hundreds. */
const mostClasses = 12;

/** Those whom nothing keeps from the ticket but that they are no match together. */
export function groupOf(
  rules: Rules,
  { rule, around }: Pick<CandidateGroup, 'rule' | 'around'>,
  entries: readonly Entry[],
): CandidateGroup {
  return { rule, around, ...sizeOf(entries), classes: classesIn(rules, entries) };
}

/** The tickets that one rule keeps apart, and what they lack. */
export function refusedGroup(
  rules: Rules,
  rule: RefusingRule,
  refusals: readonly Refusal[],
  now: number,
): CandidateGroup {
  const entries = refusals.map(({ entry }) => entry);
  const nearestBeyond = refusals.reduce((least, { beyond }) => Math.min(least, beyond), Infinity);
  const group: CandidateGroup = { rule, around: 'own', ...sizeOf(entries), nearestBeyond };
  const allowed = arrivalsOf(refusals.map(({ until }) => until - now));
  if (allowed.length > 0) group.allowed = allowed;
  group.classes = classesIn(rules, entries);
  return group;
}

const sizeOf = (entries: readonly Entry[]): { tickets: number; players: number } => ({
  tickets: entries.length,
  players: entries.reduce((sum, { class: { size } }) => sum + size, 0),
});

/** The first, how many there are at each mark that changes it, and the last. */
function arrivalsOf(waits: readonly number[]): Arrival[] {
  const sorted = waits.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const times = [first, ...marks.filter((mark) => mark > first && mark < last), last];
  const arrivals = times.map((inMs) => ({ inMs, tickets: sorted.filter((wait) => wait <= inMs).length }));
  return arrivals.filter(({ tickets }, i) => i === 0 || tickets > arrivals[i - 1].tickets);
}

function classesIn({ roles }: Rules, entries: readonly Entry[]): CandidateClass[] {
  const counts = new Map<TicketClass, number>();
  for (const { class: one } of entries) counts.set(one, (counts.get(one) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, mostClasses);
  return sorted.map(([{ size, masks }, tickets]) => {
    const able = roles.map((role, bit) => [role, masks.filter((mask) => mask & (1 << bit)).length] as const);
    const some = able.filter(([, count]) => count > 0);
    return { partySize: size, tickets, ...(some.length > 0 && { roles: Object.fromEntries(some) }) };
  });
}
