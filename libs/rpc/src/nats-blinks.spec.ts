import { Controller } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { type RpcApp, startRpcApp } from '../test/rpc-app.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';

const serverType = 'board';
const count = serverHandler({ serverType, handler: 'count', result: Number, keyed: true });

@Controller()
class BoardController {
  @ServerHandler(count)
  count(): number {
    return 7;
  }
}

describe('a server whose connection to NATS breaks', () => {
  let nats: NatsServer;
  let board: RpcApp;
  // As nats.js does when it tries to connect again.
  const broken = new Error('connection disconnected');

  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(async () => {
    await board.close();
    await nats.destroy();
  });

  it('while it begins to listen, or takes a key, serves all the same', async () => {
    let connection: NatsConnection | undefined;
    board = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'board-0',
      controllers: [BoardController],
      setUp: (app) => {
        connection = app.get<NatsConnection>(NATS_CONNECTION);
        jest.spyOn(connection, 'flush').mockRejectedValueOnce(broken).mockRejectedValueOnce(broken);
      },
    });
    await board.server.ownKey('k1');
    expect(connection?.flush).toHaveBeenCalledTimes(2);
    expect(await board.rpc.doRPC({ handler: count, key: 'k1' }, undefined)).toBe(7);
  });
});
