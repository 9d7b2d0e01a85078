import { promoteVersion } from '@ccgame/releases';
import { Bindings } from '@ccgame/sessions';
import { calmTime } from '@ccgame/testing';
import { EntityHost } from '../src/host/entity-host.js';
import { listEvents, Lobby, lobby } from './board-room.js';
import { Door } from './door.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import { listLounge, Lounge, lounge } from './lounge.js';

const [v1, v2] = ['1.0.0000', '1.0.0001'];

describe('a room hears of its members', () => {
  let cluster: HostCluster;
  let caller: Host;
  let door: Door;
  let otherDoor: Door;

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2);
    [door, otherDoor] = await Promise.all(
      ['connector-test-0', 'connector-test-1'].map((id) => Door.open(id, cluster.nats.address)),
    );
    await cluster.addHost(v1, [Lobby]);
    caller = await cluster.addHost(v1, []);
  }, 30_000);
  afterAll(async () => {
    await otherDoor.vanish();
    await cluster.stop();
  });

  const events = (id: string): Promise<string[]> => caller.client.call(listEvents, id, undefined);

  /** @returns after how many ms of a machine that isn't busy */
  async function untilEvents(id: string, expected: string[]): Promise<number> {
    const calmMs = calmTime();
    await until(async () => (await events(id)).length >= expected.length);
    expect(await events(id)).toEqual(expected);
    return calmMs();
  }

  it('within 1 s, once each and in order, when a connection goes and comes', async () => {
    await caller.client.create(lobby, 'seen');
    const first = await door.enter('ann');
    await caller.client.join(lobby, 'seen', 'ann');
    await caller.client.join(lobby, 'seen', 'bot');
    const heard = ['ann joins', 'bot joins'];
    await untilEvents('seen', heard);
    await door.claims.releaseClaim('ann', first);
    expect(await untilEvents('seen', [...heard, 'ann away'])).toBeLessThan(1_000);
    const second = await otherDoor.enter('ann', first.record.session);
    expect(await untilEvents('seen', [...heard, 'ann away', 'ann back'])).toBeLessThan(1_000);
    // To another socket in one session, as in a planned move: nothing was missed, so nothing is told.
    const third = await door.enter('ann', second.record.session);
    await door.claims.renewClaim('ann', third);
    await door.enter('ann');
    await untilEvents('seen', [...heard, 'ann away', 'ann back', 'ann away', 'ann back']);
    await caller.client.leave(lobby, 'seen', 'ann');
    await untilEvents('seen', [...heard, 'ann away', 'ann back', 'ann away', 'ann back', 'ann leaves']);
  });

  it('also of what happened while it moved to another version', async () => {
    await caller.client.create(lobby, 'moved');
    const claim = await otherDoor.enter('cy');
    await caller.client.join(lobby, 'moved', 'cy');
    await cluster.addHost(v2, [Lobby]);
    const promoted = cluster.changeTable(promoteVersion(v2));
    await otherDoor.claims.releaseClaim('cy', claim);
    await promoted;
    await untilEvents('moved', ['cy joins', 'cy away']);
    await otherDoor.enter('cy', claim.record.session);
    await untilEvents('moved', ['cy joins', 'cy away', 'cy back']);
  });

  it('within 2.5 s when their connector is killed, and is told when they are back at another one', async () => {
    await caller.client.create(lobby, 'killed');
    const claims = await Promise.all(['di', 'ed'].map((playerId) => door.enter(playerId)));
    for (const playerId of ['di', 'ed']) await caller.client.join(lobby, 'killed', playerId);
    const heard = ['di joins', 'ed joins'];
    await untilEvents('killed', heard);
    await door.vanish();
    const ms = await untilEvents('killed', [...heard, 'di away', 'ed away']);
    process.stdout.write(`a room knows after ${Math.round(ms)} ms that a connector was killed\n`);
    expect(ms).toBeLessThan(2_500);
    await otherDoor.enter('ed', claims[1].record.session);
    await untilEvents('killed', [...heard, 'di away', 'ed away', 'ed back']);
  });
});

describe('a room with a time for which members may be away', () => {
  let cluster: HostCluster;
  let caller: Host;
  let door: Door;

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2);
    door = await Door.open('connector-test-0', cluster.nats.address);
    await cluster.addHost(v1, [Lounge]);
    caller = await cluster.addHost(v1, []);
  }, 30_000);
  afterAll(async () => {
    await door.vanish();
    await cluster.stop();
  });

  const events = (id: string): Promise<string[]> => caller.client.call(listLounge, id, undefined);

  async function untilLeft(id: string, expected: string[]): Promise<void> {
    await until(async () => (await events(id)).length >= expected.length);
    expect(await events(id)).toEqual(expected);
  }

  async function seat(id: string, playerId: string): ReturnType<Door['enter']> {
    const claim = await door.enter(playerId);
    await caller.client.join(lounge, id, playerId);
    const isHeard = ({ app }: Host): boolean =>
      app
        .get(EntityHost, { strict: false })
        .liveEntities()
        .some(({ live }) => live.members.presenceOf(playerId)?.session === claim.record.session);
    await until(() => cluster.hosts.some((host) => host.hasEntities && isHeard(host)));
    return claim;
  }

  it('is told why each of them leaves, once, and unbinds each', async () => {
    await caller.client.create(lounge, 'why');
    const owner = cluster.hosts.find(({ hasEntities }) => hasEntities) as Host;
    const bindings = owner.app.get(Bindings, { strict: false });
    const [ann, bob, cy] = await Promise.all(['ann', 'bob', 'cy'].map((one) => seat('why', one)));
    await Promise.all(['di', 'ed', 'bot'].map((one) => caller.client.join(lounge, 'why', one)));
    await door.claims.releaseClaim('ann', ann, { why: 'transport close' });
    await untilLeft('why', ['ann timeout']);
    const calmMs = calmTime();
    await door.claims.releaseClaim('bob', bob, { why: 'BANNED', isOver: true });
    await untilLeft('why', ['ann timeout', 'bob banned']);
    expect(calmMs()).toBeLessThan(1_000);
    await door.claims.releaseClaim('cy', cy, { why: 'REMOVED', isOver: true });
    await untilLeft('why', ['ann timeout', 'bob banned', 'cy kicked']);
    await caller.client.leave(lounge, 'why', 'di');
    await caller.client.leave(lounge, 'why', 'ed', { why: 'kicked' });
    const all = ['ann timeout', 'bob banned', 'cy kicked', 'di left', 'ed kicked'];
    expect(await events('why')).toEqual(all);
    const bound = (): Promise<(string | undefined)[]> =>
      Promise.all(['ann', 'bob', 'cy', 'di', 'ed', 'bot'].map((one) => bindings.findBound(one, lounge.kind)));
    await until(async () => (await bound()).filter(Boolean).length === 1);
    expect((await bound()).at(-1)).toBe('why');
    await expect(caller.client.leave(lounge, 'why', 'bot', { why: 'bored' as 'left' })).rejects.toMatchObject(
      { code: 'INVALID' },
    );
  });

  it('keeps the one who is back in time, and the one with another session', async () => {
    await caller.client.create(lounge, 'back');
    const fay = await seat('back', 'fay');
    const gus = await seat('back', 'gus');
    const late = await seat('back', 'late');
    await door.claims.releaseClaim('fay', fay);
    await door.enter('fay', fay.record.session);
    // In a new session before the old one's end is told.
    await door.enter('gus');
    await door.claims.releaseClaim('gus', gus, { why: 'BANNED', isOver: true });
    await door.claims.releaseClaim('late', late);
    await untilLeft('back', ['late timeout']);
  });

  it('has the one leave who went while it was in no version', async () => {
    await caller.client.create(lounge, 'moved');
    const hal = await seat('moved', 'hal');
    const ivy = await seat('moved', 'ivy');
    await door.claims.releaseClaim('hal', hal);
    await cluster.addHost(v2, [Lounge]);
    const promoted = cluster.changeTable(promoteVersion(v2));
    await door.claims.releaseClaim('ivy', ivy, { why: 'their-own-code', isOver: true });
    await promoted;
    await until(async () => (await events('moved')).length >= 2);
    expect((await events('moved')).sort()).toEqual(['hal timeout', 'ivy closed']);
  });
});
