import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { NatsWithUsers } from '../../rpc/test/nats-with-users.js';
import type { Beacon } from './live-servers.js';
import { Membership } from './membership.js';
import { ServerCount } from './server-count.js';

describe('a server that shares partitions', () => {
  let nats: NatsWithUsers;
  let connection: NatsConnection;
  const logged: object[] = [];

  beforeAll(async () => {
    nats = await NatsWithUsers.start({ matching: '{ subscribe: { deny: "matching.beacon.>" } }' });
    connection = await connect({ servers: nats.addressFor('matching'), user: 'matching', pass: 'x' });
    const silent = (): void => undefined;
    Logger.overrideLogger({ log: silent, warn: silent, error: (line: object) => logged.push(line) });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await connection.close();
    await nats.stop();
  });

  it('says that NATS does not let it hear the others', async () => {
    const membership = new Membership({
      nats: connection,
      health: new NatsHealth(connection),
      serverId: 'matching-a-0',
      subject: 'matching.beacon.latest',
    });
    await membership.join();
    expect(logged).toContainEqual({
      event: 'ownership.beacons.refused',
      reason: expect.stringContaining('Permissions Violation for Subscription to "matching.beacon.latest"'),
    });
    membership.close();
  });
});

describe('servers that hear each other', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  const subject = 'matching.beacon.latest';
  const oddBeacons = ['', 'no json', 'null', '7', '{}', '{"serverId":7}', '{"stream":"PUSH","seq":1}'];

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  it('remember no more partitions than there is room for, whatever names there are', async () => {
    const membership = new Membership({
      ...{ nats: connection, health: new NatsHealth(connection), serverId: 'matching-a-0' },
      subject: 'matching.beacon.codes',
    });
    await membership.join();
    for (let code = 0; code < 150_000; code += 1) membership.shouldOwn(`duel~1~c${code}`);
    expect((Reflect.get(membership, 'winners') as Map<string, boolean>).size).toBeLessThanOrEqual(100_000);
    expect(membership.shouldOwn('duel~1~c0')).toBe(true);
    membership.close();
  });

  it('give up nothing to one that has just started before it can take it', async () => {
    const of = (serverId: string): Membership =>
      new Membership({
        ...{ nats: connection, health: new NatsHealth(connection), serverId },
        subject: 'matching.beacon.newcomers',
      });
    const [owner, newcomer] = [of('matching-a-0'), of('matching-a-1')];
    await owner.join();
    const names = Array.from({ length: 16 }, (_, index) => `p${index}`);
    const takes: boolean[] = [];
    const heard = new Promise<void>((resolve) =>
      owner.onChange(() => {
        const given = names.filter((name) => !owner.shouldOwn(name));
        takes.push(given.length > 0 && given.every((name) => newcomer.shouldOwn(name)));
        resolve();
      }),
    );
    await newcomer.join();
    expect(newcomer.members()).toEqual(expect.arrayContaining(['matching-a-0', 'matching-a-1']));
    await heard;
    expect(takes).toEqual([true]);
    owner.close();
    newcomer.close();
  });

  it('know each other at once where they start together', async () => {
    const ids = ['matching-a-0', 'matching-a-1', 'matching-a-2'];
    const all = ids.map(
      (serverId) =>
        new Membership({
          ...{ nats: connection, health: new NatsHealth(connection), serverId },
          subject: 'matching.beacon.together',
        }),
    );
    await Promise.all(all.map((one) => one.join()));
    for (const one of all) expect(one.members().sort()).toEqual(ids);
    for (const one of all) one.close();
  });

  it('say how many they are once they have listened for as long as one may be silent', async () => {
    let tellChange = (): void => {};
    const onChange = (listener: () => void): (() => void) => {
      tellChange = listener;
      return () => {};
    };
    const health = { connected: true, onChange } as unknown as NatsHealth;
    const startedAt = performance.now();
    const count = new ServerCount({ nats: connection, health, serverId: 'a-0', subject: 'counted.*' });
    const beacon = JSON.stringify({ serverId: 'b-0', incarnation: 'x' });
    for (const odd of oddBeacons) connection.publish('counted.v2', odd);
    const other = setInterval(() => connection.publish('counted.v2', beacon), 100);
    expect(count.count).toBeUndefined();
    await untilHolds(() => count.count !== undefined);
    expect(performance.now() - startedAt).toBeGreaterThan(2_000);
    expect(count.count).toBe(2);
    tellChange();
    expect(count.count).toBeUndefined();
    await untilHolds(() => count.count === 2);
    clearInterval(other);
    count.close();
  });

  async function untilHeard(on: string, fits: (beacon: Beacon) => boolean): Promise<void> {
    for await (const message of connection.subscribe(on)) if (fits(message.json<Beacon>())) return;
  }

  it('take nothing else on their subject for a beacon, and hear the ones behind it', async () => {
    const options = { nats: connection, health: new NatsHealth(connection), subject };
    const membership = new Membership({ ...options, serverId: 'matching-a-0' });
    await membership.join();
    for (const odd of oddBeacons) connection.publish(subject, odd);
    connection.publish(subject, JSON.stringify({ serverId: 'matching-a-1', incarnation: 'x' }));
    await untilHolds(() => membership.members().length > 1, { seen: () => membership.members() });
    expect(membership.members()).toEqual(['matching-a-0', 'matching-a-1']);
    membership.close();
  });

  it('own nothing before they have heard the others, though NATS was away when they started', async () => {
    const one = new Membership({
      nats: connection,
      health: new NatsHealth(connection),
      serverId: 'a-0',
      subject,
    });
    await one.join();
    const health = new NatsHealth(connection);
    const isConnected = jest.spyOn(health, 'connected', 'get').mockReturnValue(false);
    const other = new Membership({ nats: connection, health, serverId: 'a-1', subject });
    const waits = jest.spyOn(health, 'waitUntilConnected');
    const joined = other.join();
    await untilHolds(() => waits.mock.calls.length > 1);
    expect(['p1', 'p2', 'p3', 'p4'].filter((name) => other.shouldOwn(name))).toEqual([]);
    isConnected.mockRestore();
    await joined;
    expect(other.members().sort()).toEqual(['a-0', 'a-1']);
    one.close();
    other.close();
  });

  it('can be left while NATS is away, so that a stop goes on', async () => {
    const options = { nats: connection, health: new NatsHealth(connection), subject: 'matching.beacon.left' };
    const membership = new Membership({ ...options, serverId: 'matching-a-0' });
    await membership.join();
    const left = untilHeard(`matching.beacon.left`, (beacon) => beacon.isLeaving === true);
    // As nats.js does when it tries to connect again.
    jest.spyOn(connection, 'flush').mockRejectedValueOnce(new Error('connection disconnected'));
    await membership.leave();
    await left;
    membership.close();
  });
});
