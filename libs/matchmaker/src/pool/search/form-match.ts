import { balance } from './balance.js';
import type { Entry } from '../entry.js';
import { Packing, type Plan, type Supply } from './packing.js';
import type { MatchSize } from './terms.js';

/** The tickets of each team. */
export type Teams = Entry[][];

/** The outcome of one search. */
export interface Formation {
  teams: Teams | undefined;
  /** Whether the search stopped early. */
  isCut: boolean;
}

interface Group extends Supply {
  members: Entry[];
}

/**
 * Forms one match around a ticket from the candidates that it may be matched with: of those nearest to it that fill the
 * teams. Teams of parties of the same sizes come first, as long as they are not far to seek: within `likeReach`, or twice as
 * far as what else could be had.
 *
 * @param candidates nearest first
 * @param places what each team needs, see `requiredPlaces`
 */
export function formMatch(
  self: Entry,
  candidates: readonly Entry[],
  size: MatchSize,
  { places, likeReach }: { places: readonly number[]; likeReach: number },
): Formation {
  const pool = new GrowingPool(self, size, places);
  let isCut = false;
  let failures = 0;
  let next = 0;
  let fallback: Teams | undefined;
  let limit = Infinity;
  for (;;) {
    if (pool.mayDo()) {
      const alike = pool.packTeams(true);
      if (alike.teams) return { teams: balance(alike.teams, places), isCut: false };
      if (!fallback) {
        const any = pool.packTeams(false);
        isCut ||= any.isCut;
        fallback = any.teams;
        if (fallback) limit = Math.max(likeReach, 2 * (candidates[next - 1]?.distance ?? 0));
      }
      failures += 1;
    }
    // Each failure costs a search, so they are tried more and more seldom.
    const until = Math.min(candidates.length, next + 1 + (failures >> 3));
    if (next === candidates.length || candidates[next].distance > limit) break;
    while (next < until && candidates[next].distance <= limit) pool.addCandidate(candidates[next++]);
  }
  return { teams: fallback && balance(fallback, places), isCut };
}

/** The candidates so far, by class. */
class GrowingPool {
  private readonly groups: Group[] = [];
  private readonly mine: Group;
  /** For each kept place: how many of the players could take it, and how many of its role all teams need. */
  private readonly roleSupply: number[];
  private readonly roleDemand: number[];
  private players = 0;

  constructor(
    self: Entry,
    private readonly size: MatchSize,
    private readonly places: readonly number[],
  ) {
    this.roleSupply = places.map(() => 0);
    this.roleDemand = places.map((place) => size.teams * places.filter((other) => other === place).length);
    this.mine = this.addCandidate(self);
  }

  addCandidate(entry: Entry): Group {
    const { size, masks } = entry.class;
    this.players += size;
    for (let place = 0; place < this.places.length; place += 1)
      for (const mask of masks) if (mask & this.places[place]) this.roleSupply[place] += 1;
    const known = this.groups.find((group) => group.class === entry.class);
    if (known) {
      known.count += 1;
      known.members.push(entry);
      return known;
    }
    const group = { class: entry.class, count: 1, members: [entry] };
    let at = this.groups.length;
    while (at > 0 && this.groups[at - 1].class.size < size) at -= 1;
    this.groups.splice(at, 0, group);
    return group;
  }

  /** Whether there are enough players, and of each role: a cheap no before a search. */
  mayDo(): boolean {
    const { teams, teamSize } = this.size;
    if (this.players < teams * teamSize) return false;
    return this.roleSupply.every((supply, place) => supply >= this.roleDemand[place]);
  }

  packTeams(isAlike: boolean): Formation {
    const packing = new Packing(this.groups, this.size, this.places, isAlike);
    const plan = packing.findPacking(this.groups.indexOf(this.mine));
    return { teams: plan && this.teamsOf(plan), isCut: packing.isCut };
  }

  private teamsOf(plan: Plan): Teams {
    const taken = this.groups.map(() => 0);
    return plan.map((team) => team.map((group) => this.groups[group].members[taken[group]++]));
  }
}
