import type { Entry } from '../entry.js';
import type { Need, RefusingRule } from '../../contracts/explanation.js';
import { OrderedChunks } from '../search/ordered-chunks.js';
import { Packing, type Plan, type Supply } from '../search/packing.js';
import { assignPlaces } from '../rules/roles.js';
import type { Rules } from '../rules/rules.js';
import type { MatchSize, Terms } from '../search/terms.js';
import type { TicketClass } from '../entry.js';

/** The reason why there is no match yet, and what would complete one. */
export interface Lack {
  /** The reason why those who are allowed are no match yet. */
  rule: RefusingRule;
  /** The fewest players, each alone, who would complete it. */
  need?: Need;
}

/** Says what a match around a ticket lacks when these may be in it: of the sizes that are allowed, where it is least. */
export function lackOf(rules: Rules, terms: Terms, self: Entry, allowed: readonly Entry[]): Lack {
  const places = terms.needsRoles ? rules.places : [];
  const supplies = suppliesOf([self, ...allowed]);
  const own = supplies.findIndex((supply) => supply.class === self.class);
  const lacks = terms.sizes.map((size): Lack => {
    const plan = (kept: readonly number[], guests = 0): Plan | undefined =>
      new Packing([...supplies, { class: anyGuest, count: guests }], size, kept, false).findPacking(own);
    if (plan(places)) return { rule: 'none' };
    const missing = size.teams * size.teamSize - playersIn(supplies);
    const rule = missing > 0 ? 'team-size' : plan([]) ? 'roles' : 'party-size';
    const guests = fewest(Math.max(1, missing), size.teams * size.teamSize, (count) => plan(places, count));
    return guests ? { rule, need: needIn(guests, rules, size, supplies, places) } : { rule };
  });
  const cost = ({ rule, need }: Lack): number => (rule === 'none' ? 0 : (need?.players ?? Infinity));
  return lacks.sort((a, b) => cost(a) - cost(b))[0];
}

/** Somebody alone who could play anything. */
const anyGuest: TicketClass = {
  key: '',
  place: -1,
  bit: 0,
  size: 1,
  masks: [-1],
  index: new OrderedChunks<Entry>(() => 0),
};

function suppliesOf(entries: readonly Entry[]): Supply[] {
  const counts = new Map<TicketClass, number>();
  for (const { class: one } of entries) counts.set(one, (counts.get(one) ?? 0) + 1);
  const supplies = [...counts].map(([one, count]) => ({ class: one, count }));
  return supplies.sort((a, b) => b.class.size - a.class.size);
}

const playersIn = (supplies: readonly Supply[]): number =>
  supplies.reduce((sum, { class: { size }, count }) => sum + size * count, 0);

/** The plan of the smallest count that has one, where a larger one has one too. */
function fewest(from: number, to: number, planFor: (count: number) => Plan | undefined): Plan | undefined {
  let [low, high] = [from, to];
  let best = planFor(to);
  while (best && low < high) {
    const middle = (low + high) >> 1;
    const plan = planFor(middle);
    if (plan) [best, high] = [plan, middle];
    else low = middle + 1;
  }
  return best;
}

function needIn(
  plan: Plan,
  { roles: names }: Rules,
  { teams, teamSize }: MatchSize,
  supplies: readonly Supply[],
  places: readonly number[],
): Need {
  let players = 0;
  const roles: Record<string, number> = {};
  for (const team of plan) {
    const known = team.filter((supply) => supply < supplies.length);
    players += team.length - known.length;
    const masks = known.flatMap((supply) => supplies[supply].class.masks);
    assignPlaces(places, masks).forEach((player, place) => {
      const role = names[Math.log2(places[place])];
      if (player < 0) roles[role] = (roles[role] ?? 0) + 1;
    });
  }
  const need: Need = { teams, teamSize, players };
  if (Object.keys(roles).length > 0) need.roles = roles;
  return need;
}
