import { promoteVersion } from '@ccgame/releases';
import { calmTime } from '@ccgame/testing';
import { listEvents, Lobby, lobby } from './board-room.js';
import { Door } from './door.js';
import { type Host, HostCluster, until } from './host-cluster.js';

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
