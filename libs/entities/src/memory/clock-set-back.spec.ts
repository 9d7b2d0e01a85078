import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Alarm, Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import type { EntityPartition } from '../partition/entity-partition.js';

const bakery = entity({ serverType: 'play', name: 'bakery', partitions: 1 });
const bake = bakery.serverHandler('bake', { payload: Number, result: Number });
const look = bakery.serverHandler('look', { result: Number });

/** By id, when the bread of a bakery was done, by `performance.now()`. */
const doneAt = new Map<string, number>();

@Entity(bakery, { createOnCall: true, idleMs: 200, checkpointMs: 50 })
class Bakery extends EntityOf<{ breads: number }> {
  create(): { breads: number } {
    return { breads: 0 };
  }

  @Handles(bake)
  bake(ms: number): number {
    this.setAlarm('takeOut', ms);
    return this.now;
  }

  @Handles(look)
  look(): number {
    return this.state.breads;
  }

  @Alarm()
  takeOut(): void {
    this.state.breads += 1;
    doneAt.set(this.id, performance.now());
  }
}

const backMs = 600_000;
const classes = [Bakery];
const baking = (id: string, ms: number) => callOf('bakery', id, 'bake', ms);

describe('an alarm, where the clock of NATS is set back by ten minutes', () => {
  let owners: PartitionOwners;
  let partitions = 0;
  let key: string;
  let setBackMs: number;
  const now = (): number => Date.now() - setBackMs;
  const own = (): Promise<EntityPartition> => owners.own({ classes, key, now });

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());
  beforeEach(() => {
    setBackMs = 0;
    key = `p${partitions++}`;
    doneAt.clear();
  });

  /** Resolves with how long the bread was in the oven, ms. */
  async function untilDone(id: string, since: number): Promise<number> {
    await untilHolds(() => doneAt.has(id));
    return doneAt.get(id)! - since;
  }

  it('rings in time, of an entity that is in memory, and of one that sleeps', async () => {
    const owner = await own();
    const since = performance.now();
    await Promise.all([owner.receive(baking('awake', 150)), owner.receive(baking('asleep', 1_200))]);
    await untilHolds(() => !owner.liveEntities().some(({ id }) => id === 'asleep'));
    expect(doneAt.has('asleep')).toBe(false);
    setBackMs = backMs;
    for (const [id, ms] of [
      ['awake', 150],
      ['asleep', 1_200],
    ] as const) {
      const tookMs = await untilDone(id, since);
      expect(tookMs).toBeGreaterThanOrEqual(ms);
      expect(tookMs).toBeLessThan(ms + 1_000);
    }
  });

  it('that was set before rings at the next owner after its own time, and not ten minutes late', async () => {
    const first = await own();
    await first.receive(baking('mill', 500));
    await first.handOver();
    setBackMs = backMs;
    const since = performance.now();
    const next = await own();
    await next.receive(callOf('bakery', 'mill', 'look', null, { input: 'query' }));
    expect(await untilDone('mill', since)).toBeLessThan(1_500);
  });

  it('that is set afterwards rings in time, also at the next owner, and the entity’s time goes on', async () => {
    const first = await own();
    const before = (await first.receive(baking('mill', 3_600_000))) as number;
    setBackMs = backMs;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = (await first.receive(baking('mill', 3_600_000))) as number;
    expect(after - before).toBeGreaterThanOrEqual(99);
    expect(after - before).toBeLessThan(5_000);
    await first.handOver();
    const next = await own();
    const since = performance.now();
    expect(await next.receive(baking('mill', 300))).toBeGreaterThanOrEqual(after);
    const tookMs = await untilDone('mill', since);
    expect(tookMs).toBeGreaterThanOrEqual(300);
    expect(tookMs).toBeLessThan(1_300);
  });
});
