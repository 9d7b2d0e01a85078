import { missingPlaces } from '../rules/roles.js';
import type { MatchSize } from './terms.js';
import type { TicketClass } from '../entry.js';

/** So many tickets of a class are there. */
export interface Supply {
  class: TicketClass;
  count: number;
}

/** The class of each ticket of each team, as an index into the supplies. */
export type Plan = number[][];

/** A pool in which no plan is found after this many tries has none that is worth the time. */
const mostTries = 2000;

/**
 * Finds teams that are full to the last place and have their roles, by trying: the first team around the ticket whose match
 * it is, then team after team, large parties first.
 */
export class Packing {
  private readonly plan: Plan = [];
  private readonly masks: number[][] = [];
  private readonly left: number[];
  private tries: number;
  /** Where teams are to be alike: the party sizes of the first one, the largest first. */
  private shape: number[] | undefined;

  /**
   * @param supplies by size, the largest first
   * @param places see `requiredPlaces`
   * @param isAlike whether each team must be of parties of the same sizes
   */
  constructor(
    private readonly supplies: readonly Supply[],
    private readonly size: MatchSize,
    private readonly places: readonly number[],
    private readonly isAlike: boolean,
  ) {
    this.left = supplies.map(({ count }) => count);
    this.tries = mostTries + 10 * size.teams * size.teamSize;
  }

  /** Whether it stopped early: there may be a plan all the same. */
  get isCut(): boolean {
    return this.tries <= 0;
  }

  /** @param first the supply of the ticket whose match it is */
  findPacking(first: number): Plan | undefined {
    this.plan.push([]);
    this.masks.push([]);
    const space = this.size.teamSize - this.supplies[first].class.size;
    if (space < 0) return undefined;
    this.takeClass(0, first);
    return this.isCoverable(0, space) && this.fillTeam(0, space, 0) ? this.plan : undefined;
  }

  private fillTeam(team: number, space: number, from: number): boolean {
    if (space === 0) return this.nextPlan(team);
    const wanted = team > 0 ? this.shape?.[this.plan[team].length] : undefined;
    for (let supply = from; supply < this.supplies.length; supply += 1) {
      const { size } = this.supplies[supply].class;
      if (this.left[supply] === 0 || size > space || (wanted !== undefined && size !== wanted)) continue;
      if ((this.tries -= 1) <= 0) return false;
      this.takeClass(team, supply);
      if (this.isCoverable(team, space - size) && this.fillTeam(team, space - size, supply)) return true;
      this.giveBack(team, supply);
    }
    return false;
  }

  private nextPlan(team: number): boolean {
    const following = team + 1;
    if (following === this.size.teams) return true;
    if (this.isAlike && team === 0) this.shape = this.sizesOfFirst();
    this.plan.push([]);
    this.masks.push([]);
    // Teams after the first are in order, so that no two plans differ by the order of teams only.
    const from = team > 0 ? this.plan[team][0] : 0;
    if (this.fillTeam(following, this.size.teamSize, from)) return true;
    this.plan.pop();
    this.masks.pop();
    return false;
  }

  private takeClass(team: number, supply: number): void {
    this.left[supply] -= 1;
    this.plan[team].push(supply);
    if (this.places.length > 0) this.masks[team].push(...this.supplies[supply].class.masks);
  }

  private giveBack(team: number, supply: number): void {
    this.left[supply] += 1;
    this.plan[team].pop();
    if (this.places.length > 0) this.masks[team].length -= this.supplies[supply].class.size;
  }

  private isCoverable(team: number, space: number): boolean {
    return missingPlaces(this.places, this.masks[team]) <= space;
  }

  private sizesOfFirst(): number[] {
    return this.plan[0].map((supply) => this.supplies[supply].class.size).sort((a, b) => b - a);
  }
}
