import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { metrics } from '../metrics.js';

const stateOf = (bytes: number) => ({ text: 'x'.repeat(bytes) });

const vault = entity({ serverType: 'play', name: 'vault', partitions: 1 });
const stash = vault.serverHandler('stash', { payload: Number });
const hall = entity({ serverType: 'play', name: 'hall', partitions: 1 });

const options = { maxStateBytes: 600 * 1024, stateVersion: 2 };

@Entity(vault, { ...options, createOnCall: true })
class Vault extends EntityOf {
  create(): object {
    return stateOf(0);
  }

  override downgrade(state: object): unknown {
    return state;
  }

  @Handles(stash)
  stash(bytes: number): void {
    this.state = stateOf(bytes);
  }
}

@Room(hall, { ...options, tickHz: 20, onRelease: 'move' })
class Hall extends RoomOf {
  create(bytes: number): object {
    return stateOf(bytes);
  }

  override downgrade(state: object): unknown {
    return state;
  }

  tick(): void {}
}

it('an entity or a room that is too large beside its older state stays, and its partition does', async () => {
  const owners = await PartitionOwners.start();
  try {
    let isReleased = false;
    const taken: string[] = [];
    const owner = await owners.own({
      classes: [Vault, Hall],
      key: 'p0',
      version: '2.0.0000',
      heir: () => (isReleased ? '1.0.0000' : undefined),
      versions: {
        tryTaking: () => Promise.resolve(1),
        take: (_version, key) => {
          taken.push(key);
          return Promise.resolve();
        },
      },
    });
    await owner.receive(callOf('vault', 'large', 'stash', 500 * 1024));
    await owner.receive(callOf('vault', 'small', 'stash', 100 * 1024));
    await owner.receive(callOf('hall', 'large', 'create', `${500 * 1024}`, { builtIn: 'create' }));
    const refused = { code: 'ENTITY_REFUSED' };
    for (const held of owner.liveEntities().filter(({ id }) => id === 'large'))
      await expect(owner.tryMoving(held, '1.0.0000')).rejects.toMatchObject(refused);
    isReleased = true;
    const left = async (): Promise<number> => {
      const { values } = await metrics.failedMoves.get();
      return values.filter(({ labels }) => ['vault', 'hall'].includes(String(labels.entity))).length;
    };
    await untilHolds(async () => taken.length === 1 && (await left()) === 2);
    expect(taken).toEqual(['vault.small']);
    expect(owner.fenced.state).toBe('owner');
    const stayed = owner.liveEntities().map(({ key, isStopped, isFrozen }) => ({ key, isStopped, isFrozen }));
    expect(stayed).toEqual([
      { key: 'vault.large', isStopped: false, isFrozen: false },
      { key: 'hall.large', isStopped: false, isFrozen: false },
    ]);
  } finally {
    await owners.stop();
  }
});
