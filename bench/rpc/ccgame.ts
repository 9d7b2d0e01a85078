// (c) doRPC into a Nest handler with a checked DTO.
import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { RpcModule, RpcServer, RpcService, serverHandler, ServerHandler } from '@ccgame/rpc';
import { serverIsReady, serveRounds } from './driver.js';
import { BenchDto } from './payload.js';

const echo = serverHandler({ serverType: 'bench', handler: 'echo', payload: BenchDto, result: BenchDto });

@Controller()
class EchoController {
  @ServerHandler(echo)
  echo(data: BenchDto): BenchDto {
    return data;
  }
}

const [, , role, address] = process.argv;
const isServer = role === 'server';
const identity = {
  serverId: isServer ? 'bench-0' : 'caller-0',
  serverType: isServer ? 'bench' : 'caller',
  version: '1.0.0000',
};
const root = {
  module: class {},
  imports: [RpcModule.forRoot({ identity, natsAddress: address })],
  controllers: isServer ? [EchoController] : [],
};
const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
  inject: [RpcServer],
  useFactory: (strategy: RpcServer) => ({ strategy }),
  logger: ['error', 'warn'],
});
await app.listen();
if (isServer) {
  serverIsReady();
} else {
  const rpc = app.get(RpcService);
  serveRounds((data) => rpc.doRPC({ handler: echo }, data));
}
