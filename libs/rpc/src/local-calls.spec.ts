import { Controller, type INestMicroservice } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { type NatsServer, startNats } from '@ccgame/testing';
import { rejection, type RpcApp, startRpcApp } from '../test/rpc-app.js';
import { rpcContext } from './context.js';
import { clientHandler, serverHandler } from './contract/contract.js';
import { ClientHandler, ServerHandler } from './contract/decorators.js';
import { RpcServer } from './serve/rpc.server.js';

class AddDto {
  @IsInt() a: number;
  @IsInt() b: number;
}

const serverType = 'door';
const add = clientHandler({ serverType, handler: 'add', payload: AddDto, result: String });
const nothing = clientHandler({ serverType, handler: 'nothing' });
const count = serverHandler({ serverType, handler: 'count', result: Number });

@Controller()
class DoorController {
  @ClientHandler(add)
  add({ a, b }: AddDto): string {
    const { attributes, route, deadline = 0 } = rpcContext.get();
    return `${attributes.uid} ${route} ${a + b} ${deadline > performance.now()}`;
  }

  @ClientHandler(nothing)
  nothing(): void {}

  @ServerHandler(count)
  count(): number {
    return 7;
  }
}

@Controller()
class KeyedController {
  @ClientHandler(clientHandler({ serverType, handler: 'keyed', keyed: true }))
  keyed(): void {}

  @ClientHandler(clientHandler({ serverType, handler: 'once', retryPolicy: 'once' }))
  once(): void {}
}

/** As a connector does before it listens. */
const setUp = (app: INestMicroservice): void => app.get(RpcServer).keepClientHandlers();

describe('handlers for players in the server that players are connected to', () => {
  let nats: NatsServer;
  let door: RpcApp;
  let other: RpcApp;
  const context = { attributes: { uid: 'anna' } };

  beforeAll(async () => {
    nats = await startNats();
    const natsAddress = nats.address;
    door = await startRpcApp({ natsAddress, serverId: 'door-0', controllers: [DoorController], setUp });
    other = await startRpcApp({ natsAddress, serverId: 'other-0' });
  });
  afterAll(async () => {
    await Promise.all([door.close(), other.close()]);
    await nats.destroy();
  });

  it('are called without NATS, with what came checked and what goes written as JSON', async () => {
    nats.pause();
    try {
      const sum = await door.server.callHere('add', { a: 1, b: 2 }, context);
      expect(sum.json).toBe('"anna add 3 true"');
      expect((await door.server.callHere('nothing', undefined, context)).json).toBe('null');
      expect(await rejection(door.server.callHere('add', { a: 1 }, context))).toMatchObject({
        code: 'INVALID',
        details: { problems: [{ field: 'b' }] },
      });
    } finally {
      nats.resume();
    }
  });

  it('are nobody else’s to call, and those for servers are', async () => {
    const scope = 'client' as const;
    expect(await rejection(other.rpc.doRPC({ serverType, scope, handler: 'add' }))).toMatchObject({
      code: 'NO_SERVER',
    });
    expect(await other.rpc.doRPC({ handler: count }, undefined)).toBe(7);
  });

  it('are found by targets that name any server of their type alone', () => {
    const target = { serverType, scope: 'client', handler: 'add' } as const;
    expect(door.server.answersHere(target)).toBe(true);
    const others = [
      { ...target, serverType: 'other' },
      { ...target, scope: 'server' as const },
      { ...target, handler: 'nobody' },
      { ...target, key: 'k' },
      { ...target, all: true },
      { serverId: 'door-0', scope: 'client' as const, handler: 'add' },
    ];
    for (const one of others) expect(door.server.answersHere(one)).toBe(false);
    expect(other.server.answersHere({ ...target, serverType: 'other' })).toBe(false);
  });

  it('can’t be keyed or `once`, which the server’s start says', async () => {
    const start = startRpcApp({
      natsAddress: nats.address,
      serverId: 'door-1',
      controllers: [KeyedController],
      setUp,
    });
    const { message } = await rejection(start);
    expect(message).toMatch(/keyed: .*neither keyed nor declared `once`[^]*once: /);
  });
});
