import 'reflect-metadata';
import { Body, Controller, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import autocannon from 'autocannon';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LoginDto } from '@ccgame/accounts';

/**
 * Chooses the HTTP adapter: the same Nest controller with the same validation under Express and Fastify, each in a
 * process of its own, in turn, on one machine.
 */
@Controller('v1/login')
class EchoController {
  @Post()
  @HttpCode(200)
  login(@Body() { deviceId }: LoginDto): object {
    return { playerId: deviceId, token: 'x'.repeat(180), expiresInSeconds: 900 };
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const adapters = ['express', 'fastify'] as const;
type Adapter = (typeof adapters)[number];

async function serve(adapter: Adapter): Promise<void> {
  const app = await NestFactory.create(
    EchoModule,
    adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
    {
      logger: false,
    },
  );
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  await app.listen(0, '127.0.0.1');
  process.send?.(await app.getUrl());
}

async function measure(url: string, seconds: number): Promise<number> {
  const result = await autocannon({
    url: `${url}/v1/login`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId: 'device-0123456789' }),
    connections: 50,
    duration: seconds,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} wrong answers, ${result.errors} errors`);
  return result.requests.mean;
}

async function bench(rounds: number): Promise<void> {
  const servers = new Map<Adapter, { child: ChildProcess; url: string }>();
  for (const adapter of adapters) {
    const child = fork(process.argv[1] ?? '', [adapter]);
    const [url] = (await once(child, 'message')) as [string];
    servers.set(adapter, { child, url });
    await measure(url, 2);
  }
  const rates: Record<Adapter, number[]> = { express: [], fastify: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [adapter, { url }] of servers) rates[adapter].push(await measure(url, 3));
  }
  for (const { child } of servers.values()) child.kill();
  const [express, fastify] = [median(rates.express), median(rates.fastify)];
  console.log(`express ${express} requests/s, fastify ${fastify} requests/s, medians of ${rounds} rounds`);
  console.log(
    JSON.stringify({ bench: 'http', express, fastify, ratio: Number((fastify / express).toFixed(2)) }),
  );
}

function median(values: number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}

const adapter = adapters.find((name) => name === process.argv[2]);
await (adapter ? serve(adapter) : bench(5));
