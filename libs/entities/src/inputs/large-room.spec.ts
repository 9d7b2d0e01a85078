import type { RpcError } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { EntityPartition } from '../partition/entity-partition.js';

const hall = entity({ serverType: 'play', name: 'hall', partitions: 1 });

@Room(hall, { tickHz: 20, checkpointMs: 100 })
class Hall extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {}
}

/** As long as ids of players may be: fewer of them fill a room. */
const longIds = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${first + index}`.padStart(128, 'p'));

describe('a room without a capacity', () => {
  let owners: PartitionOwners;
  let owner: EntityPartition;

  beforeAll(async () => {
    owners = await PartitionOwners.start();
    owner = await owners.own({ classes: [Hall], key: 'p0' });
  });
  afterAll(() => owners.stop());

  const heldOf = (id: string): HeldEntity => owner.liveEntities().find((one) => one.id === id) as HeldEntity;
  const open = (id: string): Promise<unknown> =>
    owner.receive(callOf('hall', id, '', '{}', { builtIn: 'create' }));
  const outcomeOf = (given: Promise<unknown>): Promise<string> =>
    given.then(
      () => 'done',
      (error: RpcError) => error.code,
    );
  const join = (id: string, playerId: string): Promise<string> =>
    outcomeOf(owner.receive(callOf('hall', id, '', playerId, { builtIn: 'join' })));
  const reserve = (id: string, players: string[], forMs: number): Promise<string> =>
    outcomeOf(
      owner.receive(callOf('hall', id, '', JSON.stringify({ players, forMs }), { builtIn: 'reserve' })),
    );
  const untilStored = (id: string): Promise<void> =>
    untilHolds(async () => {
      const { n } = heldOf(id).live;
      return ((await owners.checkpointOf('p0', `hall.${id}`, true))?.n ?? 0) >= n;
    });

  it('is full when as many members are in as can be stored, and goes on', async () => {
    await open('crowd');
    const outcomes: string[] = [];
    for (let first = 0; first < 7_500; first += 500)
      outcomes.push(...(await Promise.all(longIds(first, 500).map((playerId) => join('crowd', playerId)))));
    expect(new Set(outcomes)).toEqual(new Set(['done', 'ROOM_FULL']));
    await untilStored('crowd');
    const held = heldOf('crowd');
    expect(held.isStopped).toBe(false);
    const [first] = longIds(0, 1);
    // One who is in already is told so.
    expect(await join('crowd', first)).toBe('done');
    for (const playerId of longIds(0, 2))
      await owner.receive(callOf('hall', 'crowd', '', playerId, { builtIn: 'leave' }));
    const [next, , last] = await Promise.all(longIds(9_000, 3).map((playerId) => join('crowd', playerId)));
    expect([next, last]).toEqual(['done', 'ROOM_FULL']);
  });

  it('keeps no more seats than can be stored, and gives them back', async () => {
    await open('seats');
    const outcomes: string[] = [];
    for (let first = 0; first < 8_000; first += 1_000)
      outcomes.push(await reserve('seats', longIds(first, 1_000), 3_600_000));
    expect(outcomes).toEqual(['done', ...Array.from({ length: 7 }, () => 'ROOM_FULL')]);
    await untilStored('seats');
    const held = heldOf('seats');
    expect([held.isStopped, held.live.seatsTaken]).toEqual([false, 1_000]);
    expect(await join('seats', longIds(0, 1)[0])).toBe('done');
    expect(await reserve('seats', longIds(0, 1_000), 0)).toBe('done');
    expect(held.live.seatsTaken).toBe(1);
    expect(await reserve('seats', longIds(1_000, 1_000), 1)).toBe('done');
    await untilHolds(() => held.live.seatsTaken === 1);
    // Those that have run out take no room.
    expect(await reserve('seats', longIds(2_000, 1_000), 1_000)).toBe('done');
  });
});
