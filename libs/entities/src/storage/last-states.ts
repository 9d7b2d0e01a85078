import type { Measure, Snapshot } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** With all that an entity is, where it may have to go back to that. */
export type Measures = Map<HeldEntity, Measure | Snapshot>;

interface Wanted {
  prepare: () => void;
  tell: (isStored: boolean) => void;
  fail: (error: unknown) => void;
}

/** Entities whose next stored state is the last one: they freeze in the moment when it is. */
export class LastStates {
  private readonly wanted = new Map<HeldEntity, Wanted>();

  all(): HeldEntity[] {
    return [...this.wanted.keys()];
  }

  /** @returns false: it was stopped, or the partition is lost @throws what `prepare` throws, just before its state is taken */
  add(held: HeldEntity, prepare: () => void): Promise<boolean> {
    return new Promise((tell, fail) => this.wanted.set(held, { prepare, tell, fail }));
  }

  /** @param measures with what the inputs made of them that were not refused */
  prepareAll(measures: Measures): void {
    for (const [held, { prepare, fail }] of this.wanted) {
      if (held.isStopped) continue;
      try {
        prepare();
      } catch (error) {
        this.wanted.delete(held);
        fail(error);
      }
      // Either way it may have changed what goes with the inputs: the place to move to, and the offer.
      const made = measures.get(held);
      if (made && 'checkpoint' in made) measures.set(held, held.live.snapshot());
    }
  }

  settle(held: HeldEntity): void {
    const one = this.wanted.get(held);
    if (!one) return;
    this.wanted.delete(held);
    held.freeze();
    one.tell(true);
  }

  /** Nothing is stored of them any more. */
  drop(isDropped: (held: HeldEntity) => boolean): void {
    for (const [held, { tell }] of this.wanted) {
      if (!isDropped(held)) continue;
      this.wanted.delete(held);
      tell(false);
    }
  }
}
