import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { connectNats } from './nats-connection.js';

describe('all that a turn of the event loop publishes', () => {
  let server: NatsServer;
  let listener: NatsConnection;
  let heard: string[];

  beforeAll(async () => {
    server = await startNats();
    listener = await connect();
    listener.subscribe('turn', { callback: (_, message) => void heard.push(message.string()) });
    await listener.flush();
  });
  beforeEach(() => (heard = []));
  afterAll(async () => {
    await listener.close();
    await server.destroy();
  });

  function connect(): Promise<NatsConnection> {
    return connectNats({ address: server.address, name: 'turns', serverType: 'turns', coalesceWrites: true });
  }

  /** Each ends up in a write of its own where nothing holds it back. */
  async function publishThree(from: NatsConnection): Promise<void> {
    for (const text of ['one', 'two', 'three']) {
      from.publish('turn', text);
      // nats.js writes in a microtask.
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  it('goes to NATS in one write, in its order', async () => {
    const { socket } = (listener as unknown as { protocol: { transport: { socket: Socket } } }).protocol
      .transport;
    const write = jest.spyOn(socket, 'write');
    await publishThree(listener);
    expect(write).not.toHaveBeenCalled();
    await untilHolds(() => heard.length === 3, { seen: () => heard });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });

  it('goes there before a connection that is made anew in that turn', async () => {
    const leaving = await connect();
    await publishThree(leaving);
    await leaving.reconnect();
    await untilHolds(() => heard.length === 3, { seen: () => heard });
    expect(heard).toEqual(['one', 'two', 'three']);
    await leaving.close();
  });

  it('goes there before a connection that is closed in that turn', async () => {
    const leaving = await connect();
    await publishThree(leaving);
    await leaving.close();
    await untilHolds(() => heard.length === 3, { seen: () => heard });
    expect(heard).toEqual(['one', 'two', 'three']);
  });
});
