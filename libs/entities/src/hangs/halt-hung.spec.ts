import { isDeepStrictEqual } from 'node:util';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Alarm, Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import type { Hang } from './hang-marks.js';
import { metrics } from '../metrics.js';
import type { EntityPartition } from '../partition/entity-partition.js';

const profile = entity({ serverType: 'play', name: 'profile', partitions: 1 });
const earn = profile.serverHandler('earn', { payload: Number, result: Number });
const duel = entity({ serverType: 'play', name: 'duel', partitions: 1 });
const hit = duel.serverHandler('hit', { result: Number });

@Entity(profile, { createOnCall: true, checkpointMs: 600_000 })
class Profile extends EntityOf<{ coins: number }> {
  create(): { coins: number } {
    return { coins: 0 };
  }

  @Handles(earn)
  earn(coins: number): number {
    this.setAlarm('payBack', 60_000);
    return (this.state.coins += coins);
  }

  @Alarm()
  payBack(): void {
    this.state.coins = 0;
  }
}

@Room(duel, { tickHz: 20, checkpointMs: 600_000 })
class Duel extends RoomOf<{ hits: number }> {
  create(): { hits: number } {
    return { hits: 0 };
  }

  @Handles(hit)
  hit(): number {
    return (this.state.hits += 1);
  }

  tick(): void {}
}

const classes = [Profile, Duel];
const stopped = { code: 'ENTITY_STOPPED' };
const earning = (id: string) => callOf('profile', id, 'earn', 5);
const hitting = (id: string) => callOf('duel', id, 'hit');

describe('an entity in which servers hung', () => {
  let owners: PartitionOwners;
  let partitions = 0;
  let key: string;
  let first: EntityPartition;
  let hangsCountMs: number;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());
  beforeEach(async () => {
    hangsCountMs = 3_600_000;
    key = `p${partitions++}`;
    first = await owners.own({ classes, key });
    for (const id of ['one', 'two']) {
      await first.receive(callOf('duel', id, 'create', 'null', { builtIn: 'create' }));
      await first.receive(callOf('duel', id, 'join', 'ann', { builtIn: 'join' }));
      await first.receive(hitting(id));
    }
  });

  /** The next owner, for which so many servers hung in the entity. */
  function ownAfter(hung: string, count: number, laterMs = 0): Promise<EntityPartition> {
    first.close();
    const found = Array.from({ length: count }, (_, index) => ({
      ...{ life: '', what: 'earn', version: '1.0.0000', mark: String(index), isTold: false },
      until: performance.now() + hangsCountMs - index,
    }));
    const hangsOf = (entity: string, _life: string, way?: string): Hang[] =>
      entity === hung && way === undefined ? found.filter(({ until }) => performance.now() < until) : [];
    const hangs = { read: () => Promise.resolve(), hangsOf };
    return owners.own({ classes, key, hangs, now: () => Date.now() + laterMs });
  }

  it('goes on after one, behind the others', async () => {
    const next = await ownAfter('duel.one', 1);
    expect(await next.receive(hitting('one'))).toBe(2);
    expect(next.liveEntities().map(({ id }) => id)).toContain('two');
  });

  it('is stopped after two, as it was: a room, whose members are told once, and no neighbour', async () => {
    owners.pushes = [];
    const next = await ownAfter('duel.one', 2);
    await expect(next.receive(hitting('one'))).rejects.toMatchObject(stopped);
    expect(await next.receive(hitting('two'))).toBe(2);
    const stateIn = () => owners.checkpointOf(key, 'duel.one', true);
    await untilHolds(async () => (await stateIn())?.stopped !== undefined);
    expect(await stateIn()).toMatchObject({ stopped: '2 servers hung in it', state: { hits: 1 } });
    await untilHolds(() => owners.pushes.length > 0);
    next.close();
    const last = await owners.own({ classes, key });
    await expect(last.receive(hitting('one'))).rejects.toMatchObject(stopped);
    expect(owners.pushes).toEqual(['room.stopped to ann']);
  });

  it('isn’t played again after three: a room is stopped as it was stored last', async () => {
    await first.handOver();
    first = await owners.own({ classes, key });
    expect(await first.receive(hitting('one'))).toBe(2);
    const next = await ownAfter('duel.one', 3);
    await expect(next.receive(hitting('one'))).rejects.toMatchObject(stopped);
    await next.handOver();
    const last = await owners.own({ classes, key });
    await expect(last.receive(hitting('one'))).rejects.toMatchObject(stopped);
    expect(await owners.checkpointOf(key, 'duel.one', true)).toMatchObject({ state: { hits: 1 } });
  });

  it('is paused after two where it is no room: nothing of it runs, and nothing of it is lost', async () => {
    for (const id of ['ann', 'bob']) await first.receive(earning(id));
    const next = await ownAfter('profile.ann', 2, 60_000);
    await expect(next.receive(earning('ann'))).rejects.toMatchObject(stopped);
    const coinsOf = (id: string): unknown =>
      next.liveEntities().find((one) => one.id === id)?.live.instance.state;
    await untilHolds(() => isDeepStrictEqual(coinsOf('bob'), { coins: 0 }));
    expect(coinsOf('ann')).toEqual({ coins: 5 });
    await next.handOver();
    expect(await owners.lifeOfState(key, 'profile.ann', false)).toBe('');
    expect(await owners.checkpointOf(key, 'profile.ann', false)).toMatchObject({ state: { coins: 5 } });
    const last = await owners.own({ classes, key });
    expect(await last.receive(earning('ann'))).toBe(10);
  });

  it('isn’t even made after two that hung as it was, and that is told once', async () => {
    const told = async (): Promise<number> =>
      (await metrics.hung.get()).values.find(({ labels }) => labels.entity === 'profile')?.value ?? 0;
    const before = await told();
    const next = await ownAfter('profile.bob', 2);
    for (let call = 0; call < 3; call += 1)
      await expect(next.receive(earning('bob'))).rejects.toMatchObject(stopped);
    expect(await told()).toBe(before + 1);
  });

  it('goes on in the same server when the marks have run out', async () => {
    await first.receive(earning('ann'));
    hangsCountMs = 1_000;
    const next = await ownAfter('profile.ann', 2);
    await expect(next.receive(earning('ann'))).rejects.toMatchObject(stopped);
    await untilHolds(async () => (await next.receive(earning('ann')).catch(() => undefined)) === 10);
  });
});
