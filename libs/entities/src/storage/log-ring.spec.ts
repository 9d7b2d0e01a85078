import { LogRing, ringSlots } from './log-ring.js';

describe('the log of a partition', () => {
  it('takes the place of its oldest message, once the states hold that', () => {
    const ring = new LogRing();
    for (let index = 0; index < ringSlots; index += 1) {
      expect(ring.needed(1, () => 0)).toEqual(new Set());
      ring.advance(index + 1, new Map([[`counter.${index % 2}`, index + 1]]));
    }
    expect(ring.nextSlots(2)).toEqual([
      { slot: 0, expected: 1 },
      { slot: 1, expected: 2 },
    ]);
    expect(ring.needed(2, () => 1)).toEqual(new Set(['counter.1']));
    expect(ring.needed(2, () => 2)).toEqual(new Set());
  });

  it('goes on behind the newest message that its last owner stored', () => {
    const record = (n: number) => ({ inputs: [['counter.a', { n, h: 'add', at: 0 }]] as never, after: {} });
    const ring = LogRing.fromLog([
      { slot: 255, seq: 40, record: record(7) },
      { slot: 0, seq: 41, record: record(8) },
    ]);
    expect(ring.nextSlots(1)).toEqual([{ slot: 1, expected: 0 }]);
    expect(ring.needed(ringSlots, () => 7)).toEqual(new Set(['counter.a']));
  });
});
