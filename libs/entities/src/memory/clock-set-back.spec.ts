import { RpcError } from '@ccgame/rpc';
import type { PushService } from '@ccgame/sessions';
import { untilHolds } from '@ccgame/testing';
import { callOf, type OwnerChoice, PartitionOwners } from '../../test/partition-owner.js';
import { Alarm, Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import type { EntityPartition } from '../partition/entity-partition.js';
import { SleepingAlarms } from './sleeping-alarms.js';

const bakery = entity({ serverType: 'play', name: 'bakery', partitions: 1 });
const bake = bakery.serverHandler('bake', { payload: Number, result: Number });
const look = bakery.serverHandler('look', { result: Number });
const sell = bakery.serverHandler('sell');

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

  @Handles(sell)
  sell(): void {
    this.state.breads -= 1;
    this.push(['ann'], 'bread.sold', {});
  }

  @Alarm()
  takeOut(): void {
    this.state.breads += 1;
    doneAt.set(this.id, performance.now());
  }
}

const backMs = 600_000;
/** Far less than the step, and more than a busy machine takes for anything here, ms. */
const slackMs = 30_000;
const classes = [Bakery];
const baking = (id: string, ms: number) => callOf('bakery', id, 'bake', ms);
const looking = (id: string) => callOf('bakery', id, 'look', null, { input: 'query' });
const selling = (more: Partial<EntityRequest> = {}) => callOf('bakery', 'mill', 'sell', null, more);

describe('where the clock of NATS is set back by ten minutes', () => {
  let owners: PartitionOwners;
  let partitions = 0;
  let key: string;
  let setBackMs: number;
  const now = (): number => Date.now() - setBackMs;
  const own = (more: Partial<OwnerChoice> = {}): Promise<EntityPartition> =>
    owners.own({ classes, key, now, ...more });

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());
  beforeEach(() => {
    setBackMs = 0;
    key = `p${partitions++}`;
    doneAt.clear();
  });

  /** Resolves with how long the bread was in the oven, ms. */
  async function untilDone(id: string, since: number): Promise<number> {
    await untilHolds(() => doneAt.has(id), { timeoutMs: slackMs });
    return doneAt.get(id)! - since;
  }

  it('an alarm of an entity that is in memory rings in time', async () => {
    const owner = await own();
    const since = performance.now();
    await owner.receive(baking('awake', 1_000));
    setBackMs = backMs;
    // Each query keeps it in memory.
    await untilHolds(async () => (await owner.receive(looking('awake'))) === 1, { timeoutMs: slackMs });
    expect(doneAt.get('awake')! - since).toBeGreaterThanOrEqual(1_000);
  });

  it('an alarm of an entity that sleeps rings in time', async () => {
    const owner = await own();
    const since = performance.now();
    await owner.receive(baking('asleep', 5_000));
    await untilHolds(() => !owner.liveEntities().some(({ id }) => id === 'asleep'));
    expect(doneAt.has('asleep')).toBe(false);
    setBackMs = backMs;
    expect(await untilDone('asleep', since)).toBeGreaterThanOrEqual(5_000);
  });

  it('an alarm that is known by the log alone rings in time at the next owner', async () => {
    const first = await own();
    await first.receive(baking('mill', 500));
    first.close();
    setBackMs = backMs;
    await own();
    await untilDone('mill', performance.now());
  });

  it('an alarm that was set before rings at the next owner after its own time, and not ten minutes late', async () => {
    const first = await own();
    await first.receive(baking('mill', 500));
    await first.handOver();
    setBackMs = backMs;
    const next = await own();
    await next.receive(looking('mill'));
    await untilDone('mill', performance.now());
  });

  it('an alarm that is set afterwards rings in time, also at the next owner, and the entity’s time goes on', async () => {
    const first = await own();
    const before = (await first.receive(baking('mill', 3_600_000))) as number;
    setBackMs = backMs;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = (await first.receive(baking('mill', 3_600_000))) as number;
    expect(after - before).toBeGreaterThanOrEqual(99);
    expect(after - before).toBeLessThan(slackMs);
    await first.handOver();
    const next = await own();
    const since = performance.now();
    expect(await next.receive(baking('mill', 300))).toBeGreaterThanOrEqual(after);
    expect(await untilDone('mill', since)).toBeGreaterThanOrEqual(300);
  });

  it('a push that the next owner sends again was tried when it was, by that clock', async () => {
    const first = await own();
    await first.receive(baking('mill', 3_600_000));
    setBackMs = backMs;
    owners.refusal = new RpcError('BUSY');
    await first.receive(selling());
    first.close();
    owners.refusal = undefined;
    const triedAgo: (number | undefined)[] = [];
    const toPlayers: PushService['toPlayers'] = (_to, _route, _data, options) => {
      triedAgo.push(options?.triedAgoMs);
      return Promise.resolve();
    };
    await own({ pushes: { toPlayers, topics: {} } as never });
    await untilHolds(() => triedAgo.length > 0);
    expect(triedAgo[0]).toBeGreaterThanOrEqual(0);
    expect(triedAgo[0]).toBeLessThan(slackMs);
  });

  it('a copy of a stored call is known when its sender keeps the call no longer', async () => {
    const owner = await own();
    await owner.receive(baking('mill', 3_600_000));
    setBackMs = backMs;
    const s = { from: 'play.shop.one', number: 1 };
    await owner.receive(selling({ s }));
    await owner.receive(selling({ s, builtIn: 'settle' }));
    await owner.receive(selling({ s: { from: 'play.shop.two', number: 1 } }));
    await owner.receive(selling({ s }));
    expect(await owner.receive(looking('mill'))).toBe(-2);
  });

  it('sleeping alarms are read again 5 s after a reading that failed', async () => {
    let reads = 0;
    const readAlarms = (): Promise<void> => {
      reads += 1;
      return Promise.reject(new Error('NATS is away'));
    };
    const store = { readAlarms, subjects: { name: 'p0' } } as never;
    const fenced = { fenceSequence: 1 };
    const releaseTable = (): unknown => classes;
    const wake = (): Promise<void> => Promise.resolve();
    const alarms = new SleepingAlarms({ store, fenced, now, releaseTable, wake });
    alarms.wakeDue();
    await new Promise(setImmediate);
    setBackMs = backMs;
    const elapsed = performance.now() + 5_000;
    jest.spyOn(performance, 'now').mockReturnValue(elapsed);
    alarms.wakeDue();
    jest.restoreAllMocks();
    expect(reads).toBe(2);
  });
});
