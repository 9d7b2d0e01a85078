import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNats } from '@ccgame/testing';
import { closeNats } from './close-nats.js';
import { connectNats } from './nats-connection.js';

describe('a connection that is closed', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  beforeAll(async () => {
    nats = await startNats();
    const settings = { name: 'closer', serverType: 'closer', coalesceWrites: false };
    connection = await connectNats({ address: nats.address, ...settings });
  });
  afterAll(() => nats.destroy());

  it('asks for no stack trace, and leaves those of others as they are', async () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    let frames = 0;
    Error.prepareStackTrace = (_, { length }) => void (frames += length);
    const closed = closeNats(connection);
    Error.prepareStackTrace = prepareStackTrace;
    await closed;
    expect(connection.isClosed()).toBe(true);
    expect(frames).toBe(0);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
