import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import type { EntityPartition } from './entity-partition.js';

const table = entity({ serverType: 'play', name: 'table', partitions: 1 });

@Room(table, { tickHz: 20, capacity: 1 })
class Table extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {}
}

const desk = entity({ serverType: 'play', name: 'desk', partitions: 1 });
const clear = desk.serverHandler('clear');

@Entity(desk, { checkpointMs: 50 })
class Desk extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(clear)
  clear(): void {
    this.end();
  }
}

const classes = [Table, Desk];
const made = (name: string, id: string) => callOf(name, id, 'create', 'null', { builtIn: 'create' });
/** It has stored nothing for so long that it may have been replaced. */
const untilUnsure = (partition: EntityPartition): Promise<void> =>
  untilHolds(() => partition['owned']?.flusher.isConfirmed === false);

/** Its process stood still, or NATS did: nothing tells it that another server has the partition. */
describe('an owner that was replaced unseen', () => {
  let owners: PartitionOwners;
  let stale: EntityPartition;
  let owner: EntityPartition;
  let partitions = 0;

  beforeAll(async () => {
    owners = await PartitionOwners.start();
  });
  beforeEach(async () => {
    const key = `p${(partitions += 1)}`;
    stale = await owners.own({ classes, key });
    await stale.receive(made('desk', 'cleared'));
    await untilUnsure(stale);
    owner = await owners.own({ classes, key });
  });
  afterAll(() => owners.stop());

  it('does not say of a room that another server made that there is none', async () => {
    await owner.receive(made('table', 'new'));
    const joined = stale.receive(callOf('table', 'new', 'join', 'ann', { builtIn: 'join' }));
    await expect(joined).rejects.toMatchObject({ code: 'MOVED' });
  });

  it('does not say so while a repeat of the call that made it waits here', async () => {
    await owner.receive(made('table', 'new'));
    const answers = [made('table', 'new'), callOf('table', 'new', 'join', 'ann', { builtIn: 'join' })];
    const codes = answers.map((call) => stale.receive(call).catch((error: { code: string }) => error.code));
    expect(await Promise.all(codes)).toEqual(['MOVED', 'MOVED']);
  });

  it('does not say of an entity that ended at another server that it is there', async () => {
    await owner.receive(callOf('desk', 'cleared', 'clear'));
    await expect(stale.receive(made('desk', 'cleared'))).rejects.toMatchObject({ code: 'MOVED' });
  });
});

it('an owner refuses as ever where nobody has replaced it', async () => {
  const owners = await PartitionOwners.start();
  const owner = await owners.own({ classes, key: 'p0' });
  await owner.receive(made('desk', 'd'));
  await untilUnsure(owner);
  await expect(owner.receive(made('desk', 'd'))).rejects.toMatchObject({ code: 'ENTITY_EXISTS' });
  await expect(owner.receive(callOf('desk', 'none', 'clear'))).rejects.toMatchObject({ code: 'NO_ENTITY' });
  await owners.stop();
});
