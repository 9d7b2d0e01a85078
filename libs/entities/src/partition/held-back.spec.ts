import { RpcError } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';

const feed = entity({ serverType: 'play', name: 'feed', partitions: 1 });
const add = feed.serverHandler('add');
const line = 'x'.repeat(20_000);

@Room(feed, { tickHz: 20, checkpointMs: 100 })
class Feed extends RoomOf<{ added: number; told: number }> {
  create(): { added: number; told: number } {
    return { added: 0, told: 0 };
  }
  @Handles(add)
  add(): void {
    this.state.added += 1;
  }
  tick(): void {
    this.state.told += this.members.length;
    this.broadcast('feed.line', { line });
  }
}

describe('a room whose reliable pushes the push log refuses', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  it('is held back, with BUSY, before they are more than is stored; and goes on when they are sent', async () => {
    const owner = await owners.own({ classes: [Feed], key: 'p0' });
    const call = (builtIn: 'create' | 'join' | undefined, payload?: unknown): Promise<unknown> =>
      owner.receive(callOf('feed', 'f', builtIn ? '' : 'add', payload, { builtIn }));
    await call('create', '{}');
    await call('join', 'ann');
    const [held] = owner.liveEntities();
    owners.refusal = new RpcError('BUSY');
    let added = 0;
    await untilHolds(
      async () => {
        const outcome = await call(undefined).then(
          () => (added += 1),
          (error: RpcError) => error.code,
        );
        return outcome === 'BUSY';
      },
      { timeoutMs: 10_000, seen: () => held.stoppedWhy },
    );
    const { tick, instance } = held.live;
    const { told } = (instance as Feed).state;
    await untilHolds(async () => (await owners.checkpointOf('p0', 'feed.f', true))?.tick === tick);
    expect([held.live.tick, held.isStopped]).toEqual([tick, false]);
    owners.refusal = undefined;
    await untilHolds(() => held.live.tick > tick, { timeoutMs: 15_000 });
    await untilHolds(() => owners.pushes.length >= told, { timeoutMs: 15_000 });
    await call(undefined);
    expect((instance as Feed).state.added).toBe(added + 1);
  });
});
