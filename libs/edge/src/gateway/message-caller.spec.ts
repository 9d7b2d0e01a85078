import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats, NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { type NatsServer, startNats } from '@ccgame/testing';
import { MessageCaller } from './message-caller.js';

const kind = { kind: 'table.table', keyOf: () => 'p0', objectOf: (id: string) => `table.${id}` };
const target = { scope: 'client', serverType: 'table', handler: 'steer' } as const;

describe('the calls of players', () => {
  let server: NatsServer;

  beforeAll(async () => (server = await startNats()));
  afterAll(() => server.destroy());

  /** @returns writes to NATS in four turns in a row, each of which has one call, and the time after them */
  async function countWrites(
    key: string | undefined,
    boundOf: () => typeof kind | undefined,
  ): Promise<number> {
    const nats = await connectNats({
      address: server.address,
      name: 'c',
      serverType: 'c',
      coalesceWrites: true,
    });
    const identity = { serverId: 'c-0', serverType: 'connector', version: '1.0.0000' };
    const rpc = new RpcService(nats, new NatsHealth(nats), { identity, timeoutMs: 1_000 });
    await nats.flush();
    const routes = { isKeyed: () => true, boundOf, objectOf: () => undefined };
    const bindings = { boundTo: () => 'r1', forget: () => undefined };
    const caller = new MessageCaller(rpc, routes as never, bindings as never);
    const context = { version: '1.0.0000', attributes: {}, hops: [] };
    const message = { route: 'table.steer', data: {} };
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'setInterval'] });
    // Its clock begins at 0.
    jest.advanceTimersByTime(1_000_000);
    const write = jest.spyOn(socketOf(nats), 'write');
    for (let turn = 0; turn < 4; turn += 1) {
      const call = { playerId: 'anna', message, context, knowsRepeats: true };
      caller.callTarget({ ...target, key }, call).catch(() => undefined);
      // Its write, if it has one of its own, comes in the turn after that of the call.
      await nextTurn();
      await nextTurn();
    }
    jest.advanceTimersByTime(4);
    const { length } = write.mock.calls;
    jest.useRealTimers();
    rpc.onApplicationShutdown();
    await nats.close();
    return length;
  }

  it('to rooms leave together behind the first, whether they name the room or not', async () => {
    expect(await countWrites('p0', () => kind)).toBe(2);
    expect(await countWrites(undefined, () => kind)).toBe(2);
  });

  it('to others leave at once', async () => {
    expect(await countWrites('p0', () => undefined)).toBe(4);
  });
});

function socketOf(nats: NatsConnection): Socket {
  return (nats as unknown as { protocol: { transport: { socket: Socket } } }).protocol.transport.socket;
}
