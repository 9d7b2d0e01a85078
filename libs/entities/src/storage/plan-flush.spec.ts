import type { LogRecord, Measure, Snapshot } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { LogRing } from './log-ring.js';
import { PartitionSubjects } from './partition-subjects.js';
import type { PendingInput } from './pending-input.js';
import { type FlushPlan, planFlush } from './plan-flush.js';

const KiB = 1024;

/** Rooms whose states are due, and of which the first has an input to store. */
function planOf(sizes: number[]): FlushPlan {
  const rooms = sizes.map((_, index) => {
    const live = { isBorn: true, isTainted: false, hasTaintedCall: false };
    return { key: `lobby.r${index}`, isRoom: true, storedSeq: 1, live } as unknown as HeldEntity;
  });
  const [held] = rooms;
  const input = { held, input: { n: 1 }, json: '{"n":1}', bytes: 7 } as unknown as PendingInput;
  return planFlush([input], new Map([[held, { n: 1, tick: 1, sum: 1 } as Measure]]), rooms, {
    ring: LogRing.fromLog([]),
    subjects: new PartitionSubjects('play', '1.0.0000', 'p0'),
    find: () => undefined,
    measure: (one) => ({ n: 1, checkpoint: 'x'.repeat(sizes[rooms.indexOf(one)]) }) as Snapshot,
  });
}

const keysOf = (plan: FlushPlan): string[][] =>
  plan.map(({ states }) => states.map(({ held }) => held.key.slice('lobby.r'.length)));

describe('the states of a flush', () => {
  it('go in batches that NATS stores in time, however large they are', () => {
    const plan = planOf([900, 900, 900, 10, 900, 3_000, 5].map((size) => size * KiB));
    expect(keysOf(plan)).toEqual([['0', '1'], ['2', '3', '4'], ['5'], ['6']]);
    expect(plan.map(({ logs }) => logs.length)).toEqual([0, 0, 0, 1]);
  });

  it('are one batch with the inputs where they are small', () => {
    const plan = planOf(Array.from({ length: 333 }, () => 5 * KiB));
    expect(keysOf(plan)).toHaveLength(1);
    expect(plan[0].messages).toHaveLength(334);
  });
});

describe('the inputs of a flush', () => {
  it('go in messages that NATS takes, however many entities they are for, with what each of these came to', () => {
    const crowd = Array.from({ length: 12_000 }, (_, index) => {
      const live = { isBorn: true, isTainted: false, hasTaintedCall: false };
      return { key: `profile.p${String(index).padStart(30, '0')}`, live } as unknown as HeldEntity;
    });
    // The first one calls at the end, too.
    const inputs = [...crowd, crowd[0]].map(
      (held, n) => ({ held, input: { n }, json: `{"n":${n}}`, bytes: 10 }) as unknown as PendingInput,
    );
    const measures = new Map(crowd.map((held, sum) => [held, { n: 1, tick: 0, sum } as Measure]));
    const [{ messages }] = planFlush(inputs, measures, [], {
      ring: LogRing.fromLog([]),
      subjects: new PartitionSubjects('play', '1.0.0000', 'p0'),
      find: () => undefined,
      measure: () => ({}) as Snapshot,
    });
    expect(Math.max(...messages.map(({ payload }) => payload.length))).toBeLessThan(300 * KiB);
    const records = messages.map(({ payload }) => JSON.parse(payload) as LogRecord);
    const told = records.flatMap(({ after }) => Object.entries(after));
    expect(told).toHaveLength(crowd.length);
    expect(new Map(told)).toEqual(new Map(crowd.map(({ key }, sum) => [key, { tick: 0, sum }])));
    expect(Object.keys(records.at(-1)?.after ?? {})).toContain(crowd[0].key);
  });
});
