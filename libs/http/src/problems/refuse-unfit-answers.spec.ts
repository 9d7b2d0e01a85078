import { Readable } from 'node:stream';
import { Controller, Get, Param, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AllowedMethods } from './allowed-methods.js';
import { ProblemFilter } from './problem.filter.js';
import { refuseUnfitAnswers } from './refuse-unfit-answers.js';

class Score {
  readonly score = 3;
}

const answers: Record<string, () => unknown> = {
  map: () => new Map([['a', 1]]),
  set: () => ({ players: new Set(['ann']) }),
  generator: () => (function* () {})(),
  error: () => ({ failed: new Error('a secret') }),
  regExp: () => [/x/],
  bigint: () => ({ n: 1n }),
  circle: () => {
    const circle: { self?: unknown } = {};
    return Object.assign(circle, { self: circle });
  },
  object: () => ({ at: new Date(0), of: new Score(), none: undefined }),
  text: () => 'text',
  nothing: () => undefined,
  // Fastify sends each part.
  asyncGenerator: () =>
    (async function* () {
      yield 'part';
    })(),
  stream: () => new StreamableFile(Readable.from(['bytes'])),
};

@Controller()
class Answers {
  @Get(':what')
  answer(@Param('what') what: string): unknown {
    return answers[what]();
  }
}

describe('what a controller gives', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const root = { module: class {}, controllers: [Answers] };
    app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), { logger: false });
    refuseUnfitAnswers(app);
    app.useGlobalFilters(new ProblemFilter(new AllowedMethods()));
    await app.init();
  });
  afterAll(() => app.close());

  const ask = async (what: string): Promise<[number, string]> => {
    const { statusCode, payload } = await app.inject(`/${what}`);
    return [statusCode, payload];
  };

  it.each(['map', 'set', 'generator', 'error', 'regExp', 'bigint', 'circle'])(
    'is an incident where JSON has no word for it: %s',
    async (what) => {
      const [status, payload] = await ask(what);
      expect([status, JSON.parse(payload)]).toEqual([
        500,
        expect.objectContaining({ code: 'INTERNAL', incident: expect.any(String) }),
      ]);
      expect(payload).not.toContain('secret');
    },
  );

  it('is sent as it is where JSON has, and where it is no JSON', async () => {
    expect(await ask('object')).toEqual([200, '{"at":"1970-01-01T00:00:00.000Z","of":{"score":3}}']);
    expect(await ask('text')).toEqual([200, 'text']);
    expect(await ask('nothing')).toEqual([200, '']);
    expect(await ask('stream')).toEqual([200, 'bytes']);
    expect(await ask('asyncGenerator')).toEqual([200, 'part']);
  });
});
