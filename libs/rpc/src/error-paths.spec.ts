import { Readable } from 'node:stream';
import {
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  type NestInterceptor,
  type PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import { connect } from '@nats-io/transport-node';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { startNats, type NatsServer } from '@ccgame/testing';
import { rejection, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { RpcError } from './errors.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';

function refuse(): never {
  throw new Error('not to be looked at');
}

const trap = (): object =>
  new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse });
const circular: Record<string, unknown> = { n: 1 };
circular.self = circular;
const revoked = Proxy.revocable({}, {});
revoked.revoke();

function oddError(message: unknown): Error {
  return Object.defineProperty(new Error('odd'), 'message', { value: message });
}

/** Values of every kind: JavaScript lets a handler throw them all. */
const thrown: Record<string, () => unknown> = {
  'an object with a bigint': () => ({ n: 1n }),
  'a circular object': () => circular,
  'a proxy that throws at every touch': trap,
  'a revoked proxy': () => revoked.proxy,
  'an object whose getter throws': () => Object.defineProperty({}, 'code', { get: refuse, enumerable: true }),
  undefined: () => undefined,
  null: () => null,
  'a bigint': () => 1n,
  'a symbol': () => Symbol('x'),
  'a function': () => refuse,
  'an error whose message is no string': () => oddError({ n: 1n }),
  'an error whose message throws': () => Object.defineProperty(new Error(), 'message', { get: refuse }),
  'an error whose stack throws': () => Object.defineProperty(new Error(), 'stack', { get: refuse }),
  'an error with a circular cause': () => new Error('x', { cause: circular }),
  'an RpcError with a code that is none': () => new RpcError({ toString: refuse } as never),
  'an RpcException of a bigint': () => new RpcException({ code: 1n }),
  'an HttpException of a circular object': () => new HttpException(circular, 400),
};

/** Results that JSON would make `{}` of, or that end its writer. */
const unfit: Record<string, () => unknown> = {
  'a generator': () => (function* () {})(),
  'an async generator': () => (async function* () {})(),
  'a stream': () => Readable.from(['a']),
  'a web stream': () => new ReadableStream(),
  'an Error': () => new Error('x'),
  'an Error with fields': () => Object.assign(new Error('x'), { code: 'ENOENT' }),
  'a RegExp': () => /x/,
  'a Map': () => new Map([[1, 2]]),
  'a Set': () => new Set([1]),
  'an iterator': () => [1].values(),
  URLSearchParams: () => new URLSearchParams('a=b'),
  'a bigint': () => 1n,
  'a circular object': () => circular,
  'a proxy that throws at every touch': trap,
  'an object whose getter throws': () => Object.defineProperty({}, 'x', { get: refuse, enumerable: true }),
  'a function': () => refuse,
  'a symbol': () => Symbol('x'),
  'a toJSON that gives a Map': () => ({ toJSON: () => new Map([[1, 2]]) }),
  'a lift that throws, as an Observable has': () => Object.defineProperty({}, 'lift', { get: refuse }),
};

const fails = serverHandler({ serverType: 'odd', handler: 'fails', payload: String });
const failsLater = serverHandler({ serverType: 'odd', handler: 'fails_later', payload: String });
const gives = serverHandler({ serverType: 'odd', handler: 'gives', payload: String });
const holds = serverHandler({ serverType: 'odd', handler: 'holds', payload: String });
const slow = serverHandler({ serverType: 'odd', handler: 'slow', result: String });
class Anything {}
const well = serverHandler({ serverType: 'odd', handler: 'well', result: Anything });
const promises = serverHandler({ serverType: 'odd', handler: 'promises', result: Number });
const details = serverHandler({ serverType: 'odd', handler: 'details' });
const before = ['guarded', 'guardedLater', 'piped', 'intercepted', 'filtered'].map((handler) =>
  serverHandler({ serverType: 'odd', handler, payload: String }),
);
const [guarded, guardedLater, piped, intercepted, filtered] = before;

/** As Nest's own parts of a game's server throw, in which `what` says what. */
const throwFrom = (context: ExecutionContext): never => {
  throw thrown[context.switchToRpc().getData<string>()]();
};
const guard: CanActivate = { canActivate: throwFrom };
const guardLater: CanActivate = { canActivate: (context) => Promise.resolve(context).then(throwFrom) };
const pipe: PipeTransform<string, never> = {
  transform: (what) => {
    throw thrown[what]();
  },
};
const interceptor: NestInterceptor = {
  intercept: (context) => throwError(() => thrown[context.switchToRpc().getData<string>()]()),
};
@Catch()
class ThrowsAgain implements ExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}

class Point {
  constructor(
    readonly x: number,
    readonly at = new Date(0),
  ) {}
}

@Controller()
class OddController {
  @ServerHandler(fails)
  fails(what: string): void {
    throw thrown[what]();
  }

  @ServerHandler(failsLater)
  async failsLater(what: string): Promise<void> {
    await Promise.resolve();
    throw thrown[what]();
  }

  @ServerHandler(gives)
  gives(what: string): never {
    return unfit[what]() as never;
  }

  @ServerHandler(holds)
  async holds(what: string): Promise<never> {
    await Promise.resolve();
    return { list: [{ inside: what === 'a promise' ? Promise.resolve(1) : unfit[what]() }] } as never;
  }

  @ServerHandler(slow)
  async slow(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 600));
    return 'done';
  }

  @ServerHandler(well)
  well(): object {
    return { point: new Point(1), none: Object.create(null), list: [new Point(2)], nothing: {} };
  }

  @ServerHandler(promises)
  promises(): Promise<number> {
    // As the query builders of database libraries: a promise by its `then` alone.
    return { then: (resolve: (value: number) => void) => resolve(7) } as unknown as Promise<number>;
  }

  @UseGuards(guard)
  @ServerHandler(guarded)
  guarded(): void {}

  @UseGuards(guardLater)
  @ServerHandler(guardedLater)
  guardedLater(): void {}

  @UsePipes(pipe)
  @ServerHandler(piped)
  piped(what: string): void {
    void what;
  }

  @UseInterceptors(interceptor)
  @ServerHandler(intercepted)
  intercepted(): void {}

  @UseFilters(ThrowsAgain)
  @ServerHandler(filtered)
  filtered(what: string): void {
    throw thrown[what]();
  }

  @ServerHandler(details)
  details(): void {
    throw new RpcError('BUSY', { message: 'later', details: { n: 1n }, retryable: true, retryAfterMs: NaN });
  }
}

let nats: NatsServer;
let server: RpcApp;
let caller: RpcApp;
let plain: NatsConnection;

beforeAll(async () => {
  nats = await startNats();
  server = await startRpcApp({ serverId: 'odd-0', natsAddress: nats.address, controllers: [OddController] });
  caller = await startRpcApp({ serverId: 'caller-0', natsAddress: nats.address });
  plain = await connect({ servers: nats.address });
});

afterAll(async () => {
  await plain.close();
  await caller.close();
  await server.close();
  await nats.stop();
});

describe('a handler that throws', () => {
  it.each(Object.keys(thrown))('%s fails its call with a typed error, at once and later', async (what) => {
    for (const handler of [fails, failsLater]) {
      const error = await rejection(caller.rpc.doRPC({ handler }, what));
      expect(error).toBeInstanceOf(RpcError);
      expect(['INTERNAL', 'INVALID']).toContain(error.code);
    }
  });

  it.each(Object.keys(thrown))(
    '%s in a guard, pipe, interceptor or filter fails the call alone',
    async (what) => {
      for (const handler of before) {
        const error = await rejection(caller.rpc.doRPC({ handler }, what));
        expect(error).toBeInstanceOf(RpcError);
        expect(['INTERNAL', 'INVALID']).toContain(error.code);
      }
    },
  );

  it('an error whose details can’t be sent is still that error', async () => {
    const error = await rejection(caller.rpc.doRPC({ handler: details }, undefined));
    expect(error).toMatchObject({ code: 'BUSY', retryable: true, message: expect.stringContaining('later') });
    expect(error.details).toBeUndefined();
    expect(error.retryAfterMs).toBeUndefined();
  });
});

describe('a handler that returns', () => {
  it.each(Object.keys(unfit))('%s fails its call with INTERNAL', async (what) => {
    expect(await rejection(caller.rpc.doRPC({ handler: gives }, what))).toMatchObject({ code: 'INTERNAL' });
  });

  // As a part of a result a `lift` is no word for anything.
  const unfitParts = Object.keys(unfit).filter((what) => !what.startsWith('a lift'));
  it.each([...unfitParts, 'a promise'])('what holds %s fails its call with INTERNAL', async (what) => {
    expect(await rejection(caller.rpc.doRPC({ handler: holds }, what))).toMatchObject({ code: 'INTERNAL' });
  });

  it('objects of classes of its own is understood, and what has a `then` is awaited', async () => {
    const point = (x: number) => ({ x, at: '1970-01-01T00:00:00.000Z' });
    expect(await caller.rpc.doRPC({ handler: well }, undefined)).toEqual({
      point: point(1),
      none: {},
      list: [point(2)],
      nothing: {},
    });
    expect(await caller.rpc.doRPC({ handler: promises }, undefined)).toBe(7);
  });
});

it('a plain NATS request gets the answer, not the word that it is being worked on', async () => {
  const left = headers();
  left.set('Rpc-Left', '5000');
  const answer = await plain.request('rpc.any.odd.1_0_0000.slow', '', { headers: left, timeout: 5_000 });
  expect(answer.json()).toBe('done');
});
