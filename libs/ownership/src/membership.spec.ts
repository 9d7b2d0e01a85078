import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { NatsWithUsers } from '../../rpc/test/nats-with-users.js';
import { Membership } from './membership.js';

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
