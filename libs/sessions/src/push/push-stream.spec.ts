import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openPushStream, pushRange } from './push-stream.js';

describe('the positions of a push log', () => {
  let nats: NatsServer;
  let connection: NatsConnection;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  async function makeOtherStream(): Promise<void> {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'OTHER', subjects: ['other'] });
  }

  it('grow over a lost store, though the server that makes the log anew has a clock that is an hour behind', async () => {
    await makeOtherStream();
    await openPushStream(connection);
    const lost = await pushRange(connection);
    await connection.close();
    await nats.restartEmpty();
    connection = await connect({ servers: nats.address });
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    // It waits for a stream that shows the time.
    const opened = openPushStream(connection);
    await makeOtherStream();
    await opened;
    expect((await pushRange(connection)).first).toBeGreaterThan(lost.last);
  });
});
