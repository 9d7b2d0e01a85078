import type { SeededRandom } from './random.js';

/**
 * Code of an entity that shows it and changes nothing: a query, a view, labels, `admits`. Nobody plays it again, so what it changed would be
 * another thing at the next owner.
 */
export class Reading {
  private what?: string;

  constructor(private readonly random: SeededRandom) {}

  /** Dice that are thrown inside are thrown again afterwards. */
  runReadOnly<T>(what: string, show: () => T): T {
    const { what: before, random } = this;
    const { state } = random;
    this.what = what;
    try {
      return show();
    } finally {
      this.what = before;
      random.state = state;
    }
  }

  /** @param change in words, as `end` @throws Error inside {@link runReadOnly} */
  assertMay(change: string): void {
    if (this.what !== undefined)
      throw new Error(`${this.what} shows the entity and changes nothing, so it can't ${change}`);
  }
}
