import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { connectNats } from './nats-connection.js';

describe('a connection to NATS', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  const logged: object[] = [];

  beforeAll(async () => {
    nats = await startNats();
    const silent = (): void => undefined;
    Logger.overrideLogger({ log: silent, warn: silent, error: (line: object) => logged.push(line) });
    connection = await connectNats({
      address: nats.address,
      name: 'reader',
      serverType: 'reader',
      coalesceWrites: true,
    });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await connection.close();
    await nats.destroy();
  });

  it('goes on reading behind a message whose callback throws, and says which one it was', async () => {
    const heard: string[] = [];
    connection.subscribe('planted', {
      callback: () => {
        throw new TypeError('planted');
      },
    });
    connection.subscribe('calls', { callback: (_, message) => void heard.push(message.string()) });
    let reconnects = 0;
    void (async () => {
      for await (const { type } of connection.status()) if (type === 'reconnect') reconnects += 1;
    })();
    for (const turn of ['one', 'two']) {
      connection.publish('planted', 'x');
      connection.publish('calls', turn);
    }
    await untilHolds(() => heard.length === 2, { seen: () => heard });
    expect(heard).toEqual(['one', 'two']);
    expect(reconnects).toBe(0);
    expect(logged).toContainEqual(
      expect.objectContaining({
        event: 'nats.callback.failed',
        subject: 'planted',
        reason: expect.stringContaining('planted'),
      }),
    );
  });
});
