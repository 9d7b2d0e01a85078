/** A room stands still while it moves; calls of another entity wait. */
export type MovedKind = 'rooms' | 'others';

const most: Record<MovedKind, number> = { rooms: 4, others: 32 };

/** The entities of a server that move to another version at a time: they share its CPU, so with more of them each stands still for longer. */
export class MoveSlots {
  private readonly taken: Record<MovedKind, number> = { rooms: 0, others: 0 };

  /** @returns false: as many as may be are on their way */
  take(kind: MovedKind): boolean {
    if (this.taken[kind] >= most[kind]) return false;
    this.taken[kind] += 1;
    return true;
  }

  free(kind: MovedKind): void {
    this.taken[kind] -= 1;
  }
}
