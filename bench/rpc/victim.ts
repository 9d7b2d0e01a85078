// A server that the tests of libs/rpc start as a process of its own, to kill, pause and stop it.
import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type AsyncMicroserviceOptions } from '@nestjs/microservices';
import { RpcModule, RpcServer } from '@ccgame/rpc';

const [, , serverId, natsAddress, stopTimeoutMs] = process.argv;
const identity = { serverId, serverType: serverId.split('-')[0], version: '1.0.0000' };

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

@Controller()
class Victim {
  @MessagePattern({ serverId: identity.serverType, handler: 'who' })
  who(): string {
    return serverId;
  }

  /** Takes as long as it is told to. */
  @MessagePattern({ serverId: identity.serverType, handler: 'slow' })
  async slow({ ms }: { ms: number }): Promise<string> {
    await sleep(ms);
    return serverId;
  }
}

const root = {
  module: class {},
  imports: [
    RpcModule.forRoot({
      identity,
      natsAddress,
      concurrency: 2_000,
      stopTimeoutMs: Number(stopTimeoutMs ?? 20_000),
    }),
  ],
  controllers: [Victim],
};
const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
  inject: [RpcServer],
  useFactory: (strategy: RpcServer) => ({ strategy }),
  logger: false,
});
await app.listen();
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
