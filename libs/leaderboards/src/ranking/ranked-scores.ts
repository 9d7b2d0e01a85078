import type { ScoreOrder } from '../boards/board.js';
import { CountedList } from './counted-list.js';
import { SplitMap } from './split-map.js';

/** A player's place. `units` is the score in the board's smallest steps (see `boards/score-units.ts`). */
export interface RankedPlayer {
  /** From 1; players of equal score share a rank, and the next one's is as if they didn't. */
  rank: number;
  playerId: string;
  units: number;
}

/**
 * The players of one period of a board, in order: the better score first, of equal ones the lower player id (by code unit),
 * so that every server shows the same list. All questions are O(log n) in the number of players.
 */
export class RankedScores {
  private readonly ids: string[] = [];
  private readonly units: number[] = [];
  private readonly indexes = new SplitMap<number>();
  private readonly list: CountedList;
  private readonly sign: number;

  constructor(order: ScoreOrder) {
    this.sign = order === 'highest' ? -1 : 1;
    this.list = new CountedList((one, other) => this.compare(one, other));
  }

  get size(): number {
    return this.list.size;
  }

  set(playerId: string, units: number): void {
    const known = this.indexes.get(playerId);
    if (known === undefined) return this.add(playerId, units);
    if (this.units[known] === units) return;
    this.list.remove(known);
    this.units[known] = units;
    this.list.insert(known);
  }

  /** At most `count` players from a position on, which begins at 0. */
  page(position: number, count: number): RankedPlayer[] {
    return [...this.all(position, count)];
  }

  /** A player with the place in the list, from 0; undefined: the player isn't on the board. */
  find(playerId: string): { player: RankedPlayer; position: number } | undefined {
    const index = this.indexes.get(playerId);
    if (index === undefined) return undefined;
    return { player: this.ranked(index, this.rankOf(index)), position: this.list.positionOf(index) };
  }

  *all(position = 0, count = Number.POSITIVE_INFINITY): Generator<RankedPlayer> {
    let rank = 0;
    let last = Number.NaN;
    let next = position;
    for (const index of this.list.from(position, count)) {
      const units = this.units[index];
      if (rank === 0) rank = this.rankOf(index);
      else if (units !== last) rank = next + 1;
      last = units;
      next += 1;
      yield this.ranked(index, rank);
    }
  }

  private add(playerId: string, units: number): void {
    // A part of a longer text keeps all of that alive, as a player's id does with the head of its message.
    const id = Buffer.from(playerId, 'latin1').toString('latin1');
    const index = this.ids.push(id) - 1;
    this.units.push(units);
    this.indexes.set(id, index);
    this.list.insert(index);
  }

  private rankOf(index: number): number {
    const units = this.units[index];
    return 1 + this.list.countWhile((one) => this.sign * (this.units[one] - units) < 0);
  }

  private ranked(index: number, rank: number): RankedPlayer {
    return { rank, playerId: this.ids[index], units: this.units[index] };
  }

  private compare(one: number, other: number): number {
    const difference = this.units[one] - this.units[other];
    if (difference !== 0) return this.sign * difference;
    if (one === other) return 0;
    return this.ids[one] < this.ids[other] ? -1 : 1;
  }
}
