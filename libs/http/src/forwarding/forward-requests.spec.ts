import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TrafficCounter } from '@ccgame/releases';
import { RpcError, type RpcService } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { countTraffic } from '../count-traffic.js';
import { metrics } from '../metrics.js';
import { AnswerForwardedController } from './answer-forwarded.controller.js';
import { ForwardRequests } from './forward-requests.js';
import type { ForwardedAnswer, ForwardedRequest } from './forwarded-request.contract.js';
import type { VersionOfRequest } from './version-of-request.js';

const canary = '1.0.0001';

/** The server of a stable version, in front of a canary's server. The table gives each player the canary. */
describe('a request of a player of the canary that came to stable', () => {
  let fastify: FastifyInstance;
  let traffic: TrafficCounter;
  let asked: string[];
  let chosen: number;
  let fail: (() => never) | undefined;

  beforeEach(() => {
    fastify = Fastify();
    traffic = new TrafficCounter();
    asked = [];
    fail = undefined;
    chosen = 0;
    const choose = (): Promise<string> => {
      chosen += 1;
      return Promise.resolve(canary);
    };
    const versions = { choose, serving: (version: string) => version };
    const answer = { status: 200, headers: { version: canary }, body: '' };
    const doRPC = (_: unknown, { method, url }: ForwardedRequest): Promise<object> =>
      new Promise((resolve) => {
        fail?.();
        asked.push(`${method} ${url}`);
        resolve(answer);
      });
    const forwarding = new ForwardRequests(
      versions as unknown as VersionOfRequest,
      { doRPC } as unknown as RpcService,
      { title: 'test' },
    );
    const app = {
      get: (token: unknown) => (token === TrafficCounter ? traffic : forwarding),
      getHttpAdapter: () => ({ getInstance: () => fastify }),
    } as unknown as NestFastifyApplication;
    countTraffic(app);
    forwarding.listen(app);
    fastify.get('/v1/config', () => 'old');
    fastify.post('/v1/login', { config: { isRepeatable: true } }, () => 'old');
    fastify.post('/v1/gifts', () => 'old');
  });
  afterEach(() => fastify.close());

  it.each([
    ['GET', '/v1/config'],
    ['GET', '/v1/shop'],
    ['DELETE', '/v1/config'],
  ] as const)('is asked of the canary, whether stable has its route or not: %s %s', async (method, url) => {
    const { statusCode, headers } = await fastify.inject({ method, url });
    expect([statusCode, headers.version, asked]).toEqual([200, canary, [`${method} ${url}`]]);
  });

  it('is counted against a canary that has not answered, also where stable does not know its route', async () => {
    fail = () => {
      throw new RpcError('TIMEOUT');
    };
    await fastify.inject({ url: '/v1/config' });
    await fastify.inject({ url: '/v1/shop' });
    const failed = traffic.readCounts().routes.map((counts) => [counts.version, counts.route, counts.failed]);
    expect(failed).toEqual([
      [canary, 'GET /v1/config', 1],
      [canary, 'other', 1],
    ]);
  });

  it('is counted by the address that asked, so that one caller’s errors end no canary', async () => {
    fail = () => {
      throw new RpcError('TIMEOUT');
    };
    for (const remoteAddress of ['203.0.113.7', '203.0.113.7', '203.0.113.8'])
      await fastify.inject({ url: '/v1/config', remoteAddress });
    const [{ errorsOf }] = traffic.readCounts().routes;
    expect(errorsOf?.map(({ errors }) => errors)).toEqual([2, 1]);
  });

  it.each([
    ['GET', '/v1/config', 200],
    ['POST', '/v1/login', 200],
    ['POST', '/v1/gifts', 503],
    ['POST', '/v1/shop', 503],
  ] as const)(
    'is asked again of the canary only where it may be, after a server that died: %s %s',
    async (...one) => {
      const [method, url, expected] = one;
      fail = () => {
        fail = undefined;
        throw new RpcError('GONE');
      };
      expect((await fastify.inject({ method, url })).statusCode).toBe(expected);
    },
  );

  it('is nobody’s failure where the client goes before its body is there', async () => {
    const problems = jest.spyOn(metrics.problems, 'inc');
    const aborted = new Promise<void>((resolve) => {
      fastify.addHook('onRequestAbort', (_, done) => {
        done();
        resolve();
      });
    });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const client = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    client.write('POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"device');
    await untilHolds(() => chosen === 1);
    client.destroy();
    await aborted;
    await fastify.close();
    expect([traffic.readCounts().routes, asked, problems.mock.calls]).toEqual([[], [], []]);
  });
});

/** The server of a canary, behind that of a stable version. One message of NATS has a megabyte. */
describe('an answer for the client of another version’s server', () => {
  const list = JSON.stringify(Array.from({ length: 100_000 }, (_, item) => ({ item })));
  const noise = randomBytes(800 * 1024);
  let fastify: FastifyInstance;

  beforeEach(() => {
    fastify = Fastify();
    fastify.get('/list', (_, reply) => reply.header('etag', '"1"').header('vary', 'cookie').send(list));
    fastify.get('/noise', () => noise);
  });
  afterEach(() => fastify.close());

  function answer(url: string, accepted?: string): Promise<ForwardedAnswer> {
    const host = { httpAdapter: { getInstance: () => fastify } } as unknown as HttpAdapterHost;
    const forwarding = { mark: 'forwarded' } as ForwardRequests;
    const headers = { ...(accepted !== undefined && { 'accept-encoding': accepted }) };
    const request = { method: 'GET', url, headers, remoteAddress: '127.0.0.1' };
    return new AnswerForwardedController(host, forwarding).answer(request);
  }

  it.each(['gzip', 'br, gzip;q=0.5', 'deflate, *'])(
    'is compressed where it would be too large and the client takes that: %s',
    async (accepted) => {
      const { status, headers, body } = await answer('/list', accepted);
      expect([status, headers['content-encoding'], headers.vary]).toEqual([
        200,
        'gzip',
        'cookie, accept-encoding',
      ]);
      expect([headers.etag, headers['content-length']]).toEqual(['W/"1"', undefined]);
      expect(body.length).toBeLessThan(1_000_000);
      expect(gunzipSync(Buffer.from(body, 'base64')).toString()).toBe(list);
    },
  );

  it.each([
    ['/list', undefined],
    ['/list', 'gzip;q=0, br'],
    ['/noise', 'gzip'],
  ])('is no 413 where it is too large all the same: %s, %s', async (url, accepted) => {
    await expect(answer(url, accepted)).rejects.toThrow(/The answer has \d+ bytes/);
  });
});
