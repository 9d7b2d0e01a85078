import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { AckedPublisher } from './acked-publisher.js';

describe('a batch with a message that is larger than NATS takes', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    publisher = new AckedPublisher(connection, new NatsHealth(connection));
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'NOTES', subjects: ['notes.*'], allow_atomic: true });
  });
  afterAll(async () => {
    publisher.close();
    await connection.close();
    await nats.destroy();
  });

  it.each([0, 1, 2])('is refused before any of it is sent, be it the one at %i', async (place) => {
    const send = jest.spyOn(connection, 'publish');
    const payloadOf = (index: number): string => (index === place ? 'x'.repeat(1_100_000) : 'x');
    const batch = [0, 1, 2].map((index) => ({ subject: `notes.${index}`, payload: payloadOf(index) }));
    await expect(publisher.publishAll(batch)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { limit: 1_048_576 },
    });
    expect(send).not.toHaveBeenCalled();
    send.mockRestore();
  });
});
