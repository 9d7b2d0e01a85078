import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Repeatable } from './repeatable.js';

@Controller()
class Shop {
  @Post('again')
  @Repeatable()
  again(): string {
    return 'again';
  }
  @Post('once')
  once(): string {
    return 'once';
  }
}

@Module({ controllers: [Shop] })
class Root {}

describe('a route that is marked as repeatable', () => {
  it('is known as that to whoever sees its request first', async () => {
    const app = await NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(), {
      logger: false,
    });
    const seen: unknown[] = [];
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', async ({ url, routeOptions }) => {
        seen.push([url, routeOptions.config.isRepeatable]);
      });
    await app.init();
    for (const url of ['/again', '/once', '/nowhere']) await app.inject({ method: 'POST', url });
    await app.close();
    expect(seen).toEqual([
      ['/again', true],
      ['/once', undefined],
      ['/nowhere', undefined],
    ]);
  });
});
