// npm run soak:rpc [-- --calls 1000000]: memory has to be flat. Run with --expose-gc.
import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { parseArgs } from 'node:util';
import { RpcError, RpcModule, RpcServer, RpcService, serverHandler, ServerHandler } from '@ccgame/rpc';
import { startNats } from '@ccgame/testing';
import { BenchDto, payload } from './payload.js';

const echo = serverHandler({ serverType: 'soak', handler: 'echo', payload: BenchDto, result: BenchDto });
const fail = serverHandler({ serverType: 'soak', handler: 'fail', payload: BenchDto });
const never = serverHandler({ serverType: 'soak', handler: 'never', payload: BenchDto });

@Controller()
class SoakController {
  @ServerHandler(echo)
  async echo(data: BenchDto): Promise<BenchDto> {
    return data;
  }

  @ServerHandler(fail)
  fail(): void {
    throw new RpcError('FORBIDDEN', { details: { why: 'soak' } });
  }

  @ServerHandler(never)
  async never(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' } } });
const calls = Number(values.calls);
/** The first calls fill caches and compile code; what comes after them may not grow. */
const warmUp = Math.min(calls, 100_000) * 0.4;
const allowedGrowth = 0.05;

const nats = await startNats();
const identity = { serverId: 'soak-0', serverType: 'soak', version: '1.0.0000' };
const root = {
  module: class {},
  imports: [RpcModule.forRoot({ identity, natsAddress: nats.address })],
  controllers: [SoakController],
};
const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
  inject: [RpcServer],
  useFactory: (strategy: RpcServer) => ({ strategy }),
  logger: ['error'],
});
await app.listen();
const rpc = app.get(RpcService);

/** Mostly answers; now and then an error, a time-out, nobody there, and a payload that is refused. */
async function callOne(n: number): Promise<void> {
  const data = payload(n);
  const odd = n % 100;
  if (odd === 0) await rpc.doRPC({ handler: fail }, data).catch(expected('FORBIDDEN'));
  else if (odd === 1)
    await rpc.doRPC({ serverId: 'soak-1', handler: echo }, data).catch(expected('NO_SERVER'));
  else if (odd === 2) await rpc.doRPC({ handler: echo }, { ...data, id: -1 }).catch(expected('INVALID'));
  else if (n % 1_000 === 3)
    await rpc.doRPC({ handler: never }, data, { timeoutMs: 20 }).catch(expected('TIMEOUT'));
  else await rpc.doRPC({ handler: echo }, data);
}

function expected(code: string): (error: unknown) => void {
  return (error) => {
    if ((error as RpcError).code !== code) throw error;
  };
}

async function run(from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await callOne(next++);
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

async function heap(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    global.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

await run(0, warmUp);
const before = await heap();
const since = performance.now();
await run(warmUp, calls);
const seconds = (performance.now() - since) / 1000;
const after = await heap();
await app.close();
await nats.destroy();

const growth = after / before - 1;
const isFlat = growth <= allowedGrowth;
console.log(
  JSON.stringify({
    soak: 'rpc',
    calls,
    perSecond: Math.round((calls - warmUp) / seconds),
    heapBefore: before,
    heapAfter: after,
    growth: Number(growth.toFixed(4)),
    flat: isFlat,
  }),
);
process.exit(isFlat ? 0 : 1);
