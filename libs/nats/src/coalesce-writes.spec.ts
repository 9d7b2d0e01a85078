import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { publishPatiently } from './coalesce-writes.js';
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
    const write = jest.spyOn(socketOf(listener), 'write');
    await publishThree(listener);
    expect(write).not.toHaveBeenCalled();
    await untilHolds(() => heard.length === 3, { seen: () => heard });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });

  describe('and may be written later', () => {
    let publisher: NatsConnection;
    let write: jest.SpyInstance;
    const publish = (text: string): void => publisher.publish('turn', text);

    beforeEach(async () => {
      publisher = await connect();
      await publisher.flush();
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'setInterval'] });
      // Its clock begins at 0.
      jest.advanceTimersByTime(1_000_000);
      write = jest.spyOn(socketOf(publisher), 'write');
      publishPatiently(() => publish('first'));
      await nextTurn();
    });
    afterEach(async () => {
      jest.useRealTimers();
      await publisher.close();
    });

    it('is written at once where nothing was of late, and waits for more else', async () => {
      expect(write).toHaveBeenCalledTimes(1);
      publishPatiently(() => publish('one'));
      await nextTurn();
      publishPatiently(() => publish('two'));
      await nextTurn();
      expect(write).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(4);
      expect(write).toHaveBeenCalledTimes(2);
      jest.useRealTimers();
      await untilHolds(() => heard.length === 3, { seen: () => heard });
      expect(heard).toEqual(['first', 'one', 'two']);
    });

    it('goes with what may not wait', async () => {
      publishPatiently(() => publish('one'));
      publish('now');
      await nextTurn();
      expect(write).toHaveBeenCalledTimes(2);
      jest.useRealTimers();
      await untilHolds(() => heard.length === 3, { seen: () => heard });
      expect(heard).toEqual(['first', 'one', 'now']);
    });
  });

  it('arrives as it was when it was published, though it is more than the network takes at once', async () => {
    const publisher = await connect();
    const wrong: number[] = [];
    const sizeOf = (number: number): number => (number < 400 ? 60_000 : 9_000);
    let came = 0;
    listener.subscribe('bulk', {
      callback: (_, { data }) => {
        if (data.length !== sizeOf(came) || data.some((byte) => byte !== came % 251)) wrong.push(came);
        came += 1;
      },
    });
    await listener.flush();
    const bytes = Buffer.alloc(60_000);
    for (let number = 0; number < 600; number += 1) {
      publisher.publish('bulk', bytes.fill(number % 251).subarray(0, sizeOf(number)));
      bytes.fill(255);
      // Behind the 24 megabytes of the first turn the kernel has no room, and has some again.
      if (number >= 400) await new Promise((resolve) => setImmediate(resolve));
    }
    await untilHolds(() => came === 600, { seen: () => came });
    expect(wrong).toEqual([]);
    await publisher.close();
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

function socketOf(nats: NatsConnection): Socket {
  return (nats as unknown as { protocol: { transport: { socket: Socket } } }).protocol.transport.socket;
}
