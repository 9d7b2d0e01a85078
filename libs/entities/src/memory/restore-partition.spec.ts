import { add, type AddDto, counter, type CounterValue, grid } from '../../../../proof/entities/contracts.js';
import { Counter } from '../../../../proof/entities/counter.js';
import { GridRoom } from '../../../../proof/entities/grid-room.js';
import { type EntityClass, Entity, markOf, Room } from '../contract/decorators.js';
import type { StoredInput } from '../live/records.js';
import { metrics } from '../metrics.js';
import { HeldEntity } from './held-entity.js';
import type { StoredCheckpoint, StoredLogRecord } from '../storage/entity-store.js';
import { measureHeld } from '../storage/measure-held.js';
import { restorePartition } from './restore-partition.js';

/** Their states are no JSON by a bug. */
@Room(grid, { tickHz: 20 })
class BrokenGrid extends GridRoom {
  override tick(): void {
    Object.assign(this.state, { broken: 1n });
  }
}
@Entity(counter)
class BrokenCounter extends Counter {
  override add(dto: AddDto): CounterValue {
    Object.assign(this.state, { broken: 1n });
    return super.add(dto);
  }
}

function holdEntity(entityClass: EntityClass, stored: StoredCheckpoint = { seq: 0 }): HeldEntity {
  const mark = markOf(entityClass);
  const kind = { mark, construct: () => Promise.resolve(new entityClass()) };
  const key = `${mark.contract.name}.a`;
  return new HeldEntity(key, 'a', kind, new entityClass(), '1.0.0000', stored, () => undefined);
}

const noHangs = { read: () => Promise.resolve(), hangsOf: () => [] };
const born: StoredInput = { n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' };
const adding = (n: number): StoredInput => ({ n, h: add.handler, d: { counterId: 'a', by: n }, at: n });

function logOf(key: string, inputs: StoredInput[], mark = {}): StoredLogRecord {
  return {
    slot: 0,
    seq: 1,
    record: { inputs: inputs.map((input) => [key, input]), after: { [key]: { tick: 0, ...mark } } },
  };
}

async function divergences(): Promise<number> {
  const { values } = await metrics.divergences.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

describe('a successor', () => {
  it('plays the inputs that a state doesn’t hold, and no others', async () => {
    const before = holdEntity(Counter);
    for (const input of [born, adding(2), adding(3)]) before.live.apply(input);
    const checkpoint = JSON.parse(before.live.snapshot().checkpoint) as StoredCheckpoint['checkpoint'];
    const after = holdEntity(Counter, { checkpoint, seq: 9 });
    const { key } = after;
    const log = [logOf(key, [born, adding(2)]), logOf(key, [adding(3), adding(4)])];
    await restorePartition({ states: new Map(), log }, noHangs, () => Promise.resolve(after));
    expect(after.live.instance.state).toMatchObject({ value: 9, inputs: 3 });
    expect(after.dirtySince).toBeDefined();
  });

  it('brings a room to the tick at which its last inputs were stored, with the same dice', async () => {
    const before = holdEntity(GridRoom);
    before.live.apply(born);
    const joined: StoredInput = { n: 2, h: '', b: 'join', d: 'ann', at: 5, k: 0 };
    before.live.apply(joined);
    for (let tick = 0; tick < 50; tick += 1) before.live.runTick();
    const { sum, tick } = before.live.snapshot();
    const after = holdEntity(GridRoom);
    const known = await divergences();
    const log = [logOf(after.key, [born, joined], { tick, sum })];
    await restorePartition({ states: new Map(), log }, noHangs, () => Promise.resolve(after));
    expect(after.live.snapshot()).toEqual(before.live.snapshot());
    expect(await divergences()).toBe(known);
  });

  it('counts a replay that comes to something else', async () => {
    const after = holdEntity(Counter);
    const known = await divergences();
    const log = [logOf(after.key, [born, adding(2)], { sum: 12_345 })];
    await restorePartition({ states: new Map(), log }, noHangs, () => Promise.resolve(after));
    expect(await divergences()).toBe(known + 1);
    expect(after.live.instance.state).toMatchObject({ value: 2 });
  });

  it('goes on with the others, where what was played again is no JSON: the room is stopped', async () => {
    const room = holdEntity(BrokenGrid);
    await restorePartition(
      { states: new Map(), log: [logOf(room.key, [born], { tick: 3, sum: 1 })] },
      noHangs,
      () => Promise.resolve(room),
    );
    expect([room.isStopped, measureHeld(room).n]).toEqual([true, 1]);
    const broken = holdEntity(BrokenCounter);
    const log = [logOf(broken.key, [born, adding(2)], { sum: 1 })];
    await restorePartition({ states: new Map(), log }, noHangs, () => Promise.resolve(broken));
    expect(broken.dirtySince).toBeDefined();
  });

  it('leaves out what is left of an entity that has ended', async () => {
    const after = holdEntity(Counter);
    const log = [logOf(after.key, [adding(2), adding(3)])];
    await restorePartition({ states: new Map(), log }, noHangs, () => Promise.resolve(after));
    expect(after.live.isBorn).toBe(false);
  });
});
