import { MoveSlots } from './move-slots.js';

/** Takes a slot for each of its rooms, as the entities of a partition do. */
class Partition {
  moved = 0;
  private readonly again = (): void => this.moveAll();

  constructor(
    private readonly slots: MoveSlots,
    private left: number,
  ) {}

  moveAll(): void {
    while (this.left > 0 && this.slots.take('rooms', this.again)) {
      this.left -= 1;
      this.moved += 1;
    }
  }
}

describe('the slots of entities that move', () => {
  it('are given to four rooms at a time, and to the partitions in turn', () => {
    const slots = new MoveSlots();
    const partitions = [20, 20, 20].map((rooms) => new Partition(slots, rooms));
    for (const partition of partitions) partition.moveAll();
    const moved = (): number[] => partitions.map((partition) => partition.moved);
    expect(moved()).toEqual([4, 0, 0]);
    for (let freed = 0; freed < 6; freed += 1) slots.free('rooms');
    expect(moved()).toEqual([6, 2, 2]);
  });

  it('of rooms are not those of other entities', () => {
    const slots = new MoveSlots();
    const again = jest.fn();
    const count = (kind: 'rooms' | 'others'): number => {
      let taken = 0;
      while (slots.take(kind, again)) taken += 1;
      return taken;
    };
    expect([count('rooms'), count('others')]).toEqual([4, 32]);
    slots.free('others');
    expect(again).toHaveBeenCalledTimes(1);
    expect(slots.take('others', again)).toBe(true);
  });
});
