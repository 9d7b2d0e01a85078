/** A room stands still while it moves; calls of another entity wait. */
export type MovedKind = 'rooms' | 'others';

const most: Record<MovedKind, number> = { rooms: 4, others: 32 };

/**
 * The entities of a server that move to another version at a time: they share its CPU, so with more of them each stands still for longer.
 * Partitions that want more slots than there are get them in turn, so that one whose entities can't move holds up no other.
 */
export class MoveSlots {
  private readonly taken: Record<MovedKind, number> = { rooms: 0, others: 0 };
  /** In the order of their turns. */
  private readonly waiting = new Set<() => void>();

  /** @param again is called once, when it is worth trying again @returns false: as many as may be are on their way */
  take(kind: MovedKind, again: () => void): boolean {
    if (this.taken[kind] >= most[kind]) {
      this.waiting.add(again);
      return false;
    }
    this.taken[kind] += 1;
    return true;
  }

  free(kind: MovedKind): void {
    this.taken[kind] -= 1;
    for (const again of [...this.waiting]) {
      if (this.taken[kind] >= most[kind]) return;
      this.waiting.delete(again);
      again();
    }
  }
}
