import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { HeldEntity } from './held-entity.js';

const profile = entity({ serverType: 'profiles', name: 'profile' });
const reward = profile.serverHandler('reward', { payload: Number });
const duel = entity({ serverType: 'play', name: 'duel', partitions: 1 });
const finish = duel.serverHandler('finish');

@Room(duel, { tickHz: 20 })
class Duel extends RoomOf {
  create(): object {
    return {};
  }

  @Handles(finish)
  finish(): void {
    this.sendCall(reward, 'ann', 100);
    this.push(['ann'], 'duel.over', {});
    this.end();
  }

  tick(): void {}
}

const note = entity({ serverType: 'play', name: 'note', partitions: 1 });
const write = note.serverHandler('write', { payload: String });

@Entity(note, { createOnCall: true, checkpointMs: 600_000 })
class Note extends EntityOf {
  create(): object {
    return {};
  }

  @Handles(write)
  write(): void {}
}

const classes = [Duel, Note];
const created = (id: string, init = 'null') => callOf('duel', id, 'create', init, { builtIn: 'create' });

describe('a claim on an id', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  beforeEach(() => Object.assign(owners, { calls: [], pushes: [] }));
  afterAll(() => owners.stop());

  it('without a birth wakes no former life of the id, which the log has still, and runs out', async () => {
    const key = 'p0';
    const lifeOfState = () => owners.lifeOfState(key, 'duel.d', true);
    const first = await owners.own({ classes, key });
    await first.receive(created('d'));
    await first.receive(callOf('duel', 'd', 'finish'));
    await untilHolds(async () => (await lifeOfState()) === '50s');
    expect(owners.calls).toHaveLength(1);
    expect(owners.pushes).toHaveLength(1);
    await owners.expireState(key, 'duel.d', true);
    first.close();

    const second = await owners.own({ classes, key });
    await expect(second.receive(created('d', '{'))).rejects.toThrow(SyntaxError);
    expect(await lifeOfState()).toBe('604800s');
    second.close();

    const third = await owners.own({ classes, key });
    await third.receive(callOf('note', 'n', 'write', 'there'));
    expect(third.busyEntities().map((held) => held.key)).toEqual(['note.n']);
    expect(owners.calls).toHaveLength(1);
    expect(owners.pushes).toHaveLength(1);
  });

  it('holds until the state of the newborn is stored, and that stays', async () => {
    const owner = await owners.own({ classes, key: 'p1' });
    await owner.receive(created('d'));
    expect(await owners.lifeOfState('p1', 'duel.d', true)).toBe('604800s');
    await untilHolds(async () => (await owners.lifeOfState('p1', 'duel.d', true)) === '');
  });

  it('is never made over a state that is no JSON, which keeps no other entity from the next owner', async () => {
    const key = 'p4';
    const first = await owners.own({ classes, key });
    for (const id of ['bad', 'good']) {
      await first.receive(created(id));
      await first.receive(callOf('note', id, 'write', 'there'));
      await untilHolds(async () => (await owners.lifeOfState(key, `duel.${id}`, true)) === '');
    }
    first.close();
    await owners.overwriteState(key, 'duel.bad', true, '{"n":');
    await owners.overwriteState(key, 'note.bad', false, 'no JSON');

    const second = await owners.own({ classes, key });
    const held = [...second.liveEntities()].map((one) => one.key);
    expect(held.sort()).toEqual(['duel.good', 'note.good']);
    const unreadable = { code: 'STATE_UNREADABLE' };
    for (const call of [
      created('bad'),
      callOf('duel', 'bad', 'finish'),
      callOf('note', 'bad', 'write', 'again'),
    ])
      await expect(second.receive(call)).rejects.toMatchObject(unreadable);
    await second.receive(callOf('duel', 'good', 'finish'));
    expect(await owners.textOfState(key, 'duel.bad', true)).toBe('{"n":');
    expect(await owners.textOfState(key, 'note.bad', false)).toBe('no JSON');
  });

  it('has what was born over it stored soon by the next owner, too, though its class is stored rarely', async () => {
    const first = await owners.own({ classes, key: 'p3' });
    await first.receive(callOf('note', 'n', 'write', 'there'));
    first.close();
    const second = await owners.own({ classes, key: 'p3' });
    const [held] = second.busyEntities();
    expect(held.key).toBe('note.n');
    expect(held.dueAfterMs).toBeLessThan(60_000);
  });

  it('is not stored for a call that is too large', async () => {
    const owner = await owners.own({ classes, key: 'p2' });
    const large = 'x'.repeat(300_000);
    const refused = { code: 'TOO_LARGE' };
    await expect(owner.receive(created('d', JSON.stringify(large)))).rejects.toMatchObject(refused);
    await expect(owner.receive(callOf('note', 'n', 'write', large))).rejects.toMatchObject(refused);
    expect(await owners.lifeOfState('p2', 'duel.d', true)).toBeUndefined();
    expect(await owners.lifeOfState('p2', 'note.n', false)).toBeUndefined();
  });

  it('has a newborn stored before it runs out, though its class is stored rarely', () => {
    const kind = { mark: markOf(Note), construct: () => Promise.resolve(new Note()) };
    const held = new HeldEntity('note.n', 'n', kind, new Note(), '1.0.0000', { seq: 0 }, () => undefined);
    const { payload, ttlSeconds = 0 } = held.claimAt(1);
    held.noteClaim(payload, 1);
    expect(held.isClaimed).toBe(true);
    expect(held.dueAfterMs).toBeLessThan((ttlSeconds * 1_000) / 2);
    held.claimedUntil = undefined;
    expect(held.dueAfterMs).toBe(600_000);
  });
});
