import { setTimeout as sleep } from 'node:timers/promises';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';

const clock = entity({ serverType: 'play', name: 'clock', partitions: 1 });

/** A tick that is left out is missed for a second. */
@Room(clock, { tickHz: 1, onRelease: 'move' })
class Clock extends RoomOf {
  create(): object {
    return {};
  }
  tick(): void {}
}

/** An owner that has stored nothing for longer asks the storage whether it is the owner still. */
const unconfirmedAfterMs = 1_600;

describe('a room that moves to an owner without rooms', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  it('ticks there at once: whoever has just stored it is the owner', async () => {
    const [old, newer] = ['1.0.0000', '2.0.0000'];
    const there = await owners.own({ key: 'p0', version: newer, classes: [Clock] });
    await sleep(unconfirmedAfterMs);
    let isReleased = false;
    const here = await owners.own({
      ...{ key: 'p0', version: old, classes: [Clock] },
      heir: () => (isReleased ? newer : undefined),
      versions: {
        tryTaking: (_version, key, stateVersion) => there.tryTaking(key, stateVersion),
        take: (_version, key, seq) => there.take(key, seq),
      },
    });
    await here.receive(callOf('clock', 'c', 'create', 'null', { builtIn: 'create' }));
    const [{ live: left }] = here.liveEntities();
    await untilHolds(() => left.tick > 0);
    isReleased = true;
    await untilHolds(() => there.liveEntities().length > 0);
    const since = performance.now();
    const [{ live: moved }] = there.liveEntities();
    await untilHolds(() => moved.tick > left.tick);
    expect(performance.now() - since).toBeLessThan(700);
  });
});
