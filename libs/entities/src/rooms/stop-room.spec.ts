import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';

const profile = entity({ serverType: 'profiles', name: 'profile' });
const reward = profile.serverHandler('reward', { payload: Number });
const duel = entity({ serverType: 'play', name: 'duel', partitions: 1 });
const spoil = duel.serverHandler('spoil');
const look = duel.serverHandler('look', { input: 'query' });

@Room(duel, { tickHz: 20 })
class Duel extends RoomOf<{ isBad: boolean }> {
  create(): { isBad: boolean } {
    return { isBad: false };
  }

  @Handles(spoil)
  spoil(): void {
    this.sendCall(reward, 'ann', 100);
    this.state.isBad = true;
  }

  @Handles(look)
  look(): void {}

  tick(): void {
    if (this.state.isBad) throw new Error('a bug');
  }
}

const fuse = entity({ serverType: 'play', name: 'fuse', partitions: 1 });
const watch = fuse.serverHandler('watch', { input: 'query' });

@Room(fuse, { tickHz: 20, checkpointMs: 100 })
class Fuse extends RoomOf {
  static isBurning = false;

  create(): object {
    return {};
  }

  @Handles(watch)
  watch(): void {}

  tick(): void {
    if (Fuse.isBurning) throw new Error('a bug');
  }
}

it('a room that was stopped tells its members once, whoever takes it over', async () => {
  const owners = await PartitionOwners.start();
  const own = (version: string) => owners.own({ classes: [Duel], key: 'p0', version });
  const stopped = { code: 'ENTITY_STOPPED' };
  const query = callOf('duel', 'd', 'look', undefined, { input: 'query' });
  try {
    const owner = await own('1.0.0000');
    await owner.receive(callOf('duel', 'd', 'create', 'null', { builtIn: 'create' }));
    await owner.receive(callOf('duel', 'd', 'join', 'ann', { builtIn: 'join' }));
    await owner.receive(callOf('duel', 'd', 'spoil'));
    const isSent = async (): Promise<boolean> => {
      const { stopped: why, outputs, calls } = (await owners.checkpointOf('p0', 'duel.d', true)) ?? {};
      return why !== undefined && outputs?.length === 0 && calls === undefined;
    };
    await untilHolds(isSent, { timeoutMs: 5_000 });
    expect(await owners.lifeOfState('p0', 'duel.d', true)).toBe('604800s');
    owner.close();
    for (const version of ['1.0.0000', '1.0.0001']) {
      const next = await own(version);
      await expect(next.receive(query)).rejects.toMatchObject(stopped);
      next.close();
    }
    expect(owners.pushes).toEqual(['room.stopped to ann']);
    expect(owners.calls).toHaveLength(1);
  } finally {
    await owners.stop();
  }
});

it('a room that fails while its state is being stored is stopped for its successors, too', async () => {
  const owners = await PartitionOwners.start();
  const own = () => owners.own({ classes: [Fuse], key: 'p0' });
  try {
    const owner = await own();
    await owner.receive(callOf('fuse', 'f', 'create', 'null', { builtIn: 'create' }));
    const [room] = owner.liveEntities();
    const commit = owner.fenced.commit.bind(owner.fenced);
    jest.spyOn(owner.fenced, 'commit').mockImplementation(async (messages) => {
      const fence = await commit(messages);
      const hasState = messages.some(({ subject }) => subject.endsWith('.live.fuse.f'));
      if (hasState && !Fuse.isBurning) {
        // The answer of NATS is on its way.
        Fuse.isBurning = true;
        await untilHolds(() => room.isStopped);
      }
      return fence;
    });
    const whyStored = async () => (await owners.checkpointOf('p0', 'fuse.f', true))?.stopped;
    await untilHolds(async () => (await whyStored()) !== undefined, { timeoutMs: 5_000 });
    owner.close();
    const next = await own();
    const query = callOf('fuse', 'f', 'watch', undefined, { input: 'query' });
    await expect(next.receive(query)).rejects.toMatchObject({ code: 'ENTITY_STOPPED' });
  } finally {
    await owners.stop();
  }
});
