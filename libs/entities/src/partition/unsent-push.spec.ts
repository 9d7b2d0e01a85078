import { RpcError } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import { ringSlots } from '../storage/log-ring.js';

const wall = entity({ serverType: 'play', name: 'wall', partitions: 1 });
const tell = wall.serverHandler('tell');
const mark = wall.serverHandler('mark');
const finish = wall.serverHandler('finish');

@Entity(wall, { createOnCall: true, checkpointMs: 200 })
class Wall extends EntityOf<{ marks: number }> {
  create(): { marks: number } {
    return { marks: 0 };
  }

  @Handles(tell)
  tell(): void {
    this.push(['ann'], 'wall.told', {});
  }

  @Handles(mark)
  mark(): void {
    this.state.marks += 1;
  }

  @Handles(finish)
  finish(): void {
    this.push(['ann'], 'wall.over', {});
    this.end();
  }
}

describe('a reliable push that the push log refuses', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  beforeEach(() => {
    owners.pushes = [];
    owners.refusal = new RpcError('BUSY');
  });
  afterAll(() => owners.stop());

  it('is sent by the next owner, when the log does not hold its input any more', async () => {
    const owner = await owners.own({ classes: [Wall], key: 'p0' });
    await owner.receive(callOf('wall', 'sender', 'tell'));
    for (let flushes = 0; flushes <= ringSlots; flushes += 1)
      await owner.receive(callOf('wall', 'other', 'mark'));
    owner.close();
    owners.refusal = undefined;
    await owners.own({ classes: [Wall], key: 'p0' });
    await untilHolds(() => owners.pushes.length > 0, { timeoutMs: 5_000 });
    expect(owners.pushes).toEqual(['wall.told to ann']);
  });

  it('keeps the record of its entity, though that has ended, until it is sent', async () => {
    const owner = await owners.own({ classes: [Wall], key: 'p1' });
    const lifeOfState = () => owners.lifeOfState('p1', 'wall.one', false);
    await owner.receive(callOf('wall', 'one', 'finish'));
    expect(await lifeOfState()).toBe('');
    expect(owner.busyEntities().map(({ id }) => id)).toEqual(['one']);
    owners.refusal = undefined;
    await untilHolds(async () => (await lifeOfState()) !== '', { timeoutMs: 5_000 });
    expect(owners.pushes).toEqual(['wall.over to ann']);
    expect(await lifeOfState()).toBe('50s');
    await untilHolds(() => owner.busyEntities().length === 0);
  });

  it('takes nothing from its partition, where the record of its entity has gone before', async () => {
    const owner = await owners.own({ classes: [Wall], key: 'p2' });
    await owner.receive(callOf('wall', 'one', 'finish'));
    await owners.expireState('p2', 'wall.one', false);
    owners.refusal = undefined;
    await untilHolds(async () => (await owners.lifeOfState('p2', 'wall.one', false)) !== undefined);
    expect(owners.pushes).toEqual(['wall.over to ann']);
    expect(owner.fenced.state).toBe('owner');
  });
});
