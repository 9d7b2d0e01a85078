import { Controller, Logger } from '@nestjs/common';
import { MessagePattern, RpcException } from '@nestjs/microservices';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { IsInt, IsOptional } from 'class-validator';
import { register } from 'prom-client';
import { EMPTY, of, throwError } from 'rxjs';
import { NATS_CONNECTION } from '@ccgame/nats';
import { startNats, type NatsServer, calmTime, untilHolds } from '@ccgame/testing';
import { TcpProxy } from '../test/tcp-proxy.js';
import { beginInTurns, rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { defineErrors, RpcError } from './errors.js';
import { rpcContext } from './context.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';

class SleepDto {
  @IsOptional() @IsInt() ms?: number;
}

const nap = serverHandler({ serverType: 'back', handler: 'nap', payload: SleepDto, result: Number });
const few = serverHandler({ serverType: 'back', handler: 'few', payload: SleepDto, result: String });
const GameErrors = defineErrors({ TEST_QUEUE_CLOSED: { message: 'The queue is closed', retryable: true } });

const forever = -1;
let begun = 0;
/** Ends the calls of `held`. */
let openGate: () => void;
let gate: Promise<void>;

@Controller()
class BackController {
  @ServerHandler(nap)
  async nap({ ms }: SleepDto): Promise<number> {
    await sleep(ms ?? 0);
    return rpcContext.timeLeftMs();
  }

  @ServerHandler(few, { concurrency: 2, queue: 3 })
  async few({ ms }: SleepDto): Promise<string> {
    await (ms === forever ? new Promise(() => undefined) : sleep(ms ?? 0));
    return 'done';
  }

  @MessagePattern({ serverId: 'back', handler: 'held' })
  async held(): Promise<string> {
    begun++;
    await gate;
    return 'done';
  }

  @MessagePattern({ serverId: 'back', handler: 'echo' })
  echo(data: unknown): unknown {
    return data;
  }

  @MessagePattern({ serverId: 'back', handler: 'context' })
  async context(): Promise<unknown> {
    await sleep(1);
    const { version, traceparent, attributes } = rpcContext.get();
    return { version, traceparent, attributes };
  }

  @MessagePattern({ serverId: 'back', handler: 'fail' })
  fail(how: string): unknown {
    switch (how) {
      case 'bug':
        throw new TypeError('the database password is hunter2');
      case 'async bug':
        return Promise.reject(new Error('hunter2'));
      case 'text':
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'hunter2';
      case 'game':
        throw GameErrors.TEST_QUEUE_CLOSED({ details: { opens: 12 }, retryAfterMs: 50 });
      case 'nest':
        throw new RpcException({ code: 'NOT_FOUND', details: { id: 7 } });
      case 'stream':
        return throwError(() => new Error('hunter2'));
      case 'code':
        throw new RpcError('X\r\nRpc-Left: 5000\r\nY: hunter2');
      case 'hop':
        throw new RpcError('NO_SERVER', { target: 'elsewhere x' });
      default:
        return null;
    }
  }

  @MessagePattern({ serverId: 'back', handler: 'give' })
  give(what: string): unknown {
    const values: Record<string, unknown> = {
      undefined: undefined,
      null: null,
      bigint: 1n,
      circular: circular(),
      stream: of(1, 2, 3),
      empty: EMPTY,
      bytes: Buffer.from([1, 2, 255]),
      function: () => 1,
      large: 'x'.repeat(1_100_000),
    };
    return values[what];
  }
}

function circular(): unknown {
  const object: Record<string, unknown> = {};
  object.self = object;
  return object;
}

let nats: NatsServer;
let back: RpcApp;
let caller: RpcApp;

beforeAll(async () => {
  nats = await startNats();
  back = await startRpcApp({ natsAddress: nats.address, serverId: 'back-0', controllers: [BackController] });
  caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
});
afterAll(async () => {
  await caller?.close();
  await back?.close();
  await nats?.destroy();
});

const to = (handler: string) => ({ serverId: 'back-0', handler });

describe('a deadline', () => {
  it('ends every call, at the time that it names', async () => {
    const since = performance.now();
    const calmMs = calmTime();
    const error = await rejection(caller.rpc.doRPC({ handler: nap }, { ms: 2_000 }, { timeoutMs: 150 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: false, target: 'back 1.0.0000 nap' });
    expect(performance.now() - since).toBeGreaterThan(140);
    expect(calmMs()).toBeLessThan(400);
  });

  it('is 5 s where the call names none, and the handler sees what is left of it', async () => {
    const left = await caller.rpc.doRPC({ handler: nap }, { ms: 100 });
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThan(4_950);
  });

  it('may be as long as one likes, but has to be one', async () => {
    expect(await caller.rpc.doRPC({ handler: nap }, {}, { timeoutMs: Infinity })).toBeGreaterThan(80_000_000);
    const problems = [{ field: 'timeoutMs', rule: 'expected a number of ms' }];
    const refused = { code: 'INVALID', details: { problems } };
    expect(await rejection(caller.rpc.doRPC({ handler: nap }, {}, { timeoutMs: NaN }))).toMatchObject(
      refused,
    );
  });

  it('gets shorter at each hop', async () => {
    const left = await rpcContext.run({ deadline: performance.now() + 700 }, () =>
      caller.rpc.doRPC({ handler: nap }, {}, { timeoutMs: 60_000 }),
    );
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(701);
    const error = await rejection(
      rpcContext.run({ deadline: performance.now() - 1 }, () => caller.rpc.doRPC({ handler: nap }, {})),
    );
    expect(error.code).toBe('TIMEOUT');
  });

  it('keeps work from being begun whose caller has given up, and counts it', async () => {
    const blockers = Array.from({ length: 2 }, () => caller.rpc.doRPC({ handler: few }, { ms: 300 }));
    await sleep(50);
    const late = caller.rpc.doRPC({ handler: few }, { ms: 300 }, { timeoutMs: 100 });
    expect((await rejection(late)).code).toBe('TIMEOUT');
    await Promise.all(blockers);
    await sleep(50);
    const metrics = await register.metrics();
    expect(metrics).toContain('ccgame_rpc_handler_late_total{handler="few",scope="server"} 1');
  });
});

describe('a busy handler', () => {
  it('refuses at once what it can’t hold, says when to retry, and leaves the others alone', async () => {
    const calls = Array.from({ length: 20 }, () =>
      caller.rpc.doRPC({ serverId: 'back-0', handler: few }, { ms: 400 }).then(
        () => 'ok',
        (error: unknown) => error as RpcError,
      ),
    );
    await sleep(50);
    const calmMs = calmTime();
    await caller.rpc.doRPC({ handler: nap }, { ms: 0 });
    expect(calmMs()).toBeLessThan(150);
    const answers = await Promise.all(calls);
    // Two run, three wait.
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(5);
    const refused = answers.find((answer) => answer instanceof RpcError) as RpcError;
    expect(refused).toMatchObject({ code: 'BUSY', retryable: true });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
  });

  it('has its calls taken by a sibling where any server of the type will do, and by another when that one has gone', async () => {
    const [leaving, staying] = await Promise.all(
      ['back-1', 'back-2'].map((serverId) =>
        startRpcApp({ natsAddress: nats.address, serverId, controllers: [BackController] }),
      ),
    );
    try {
      const blockers = Array.from({ length: 5 }, () =>
        caller.rpc.doRPC({ serverId: 'back-0', handler: few }, { ms: 800 }),
      );
      await sleep(50);
      const callOften = async (): Promise<void> => {
        for (let n = 0; n < 30; n++) {
          expect(await caller.rpc.doRPC({ handler: few }, { ms: 0 })).toBe('done');
        }
      };
      await callOften();
      // It is still thought to be there.
      await leaving.server.close();
      await callOften();
      await Promise.all(blockers);
    } finally {
      await Promise.all([leaving.close(), staying.close()]);
    }
  });
});

describe('an error', () => {
  let logged: Record<string, unknown>[];
  beforeEach(() => {
    logged = [];
    Logger.overrideLogger({
      log: () => undefined,
      warn: () => undefined,
      error: (line: Record<string, unknown>) => logged.push(line),
    });
  });
  afterEach(() => Logger.overrideLogger(false));

  it.each(['bug', 'async bug', 'text', 'stream', 'code'])(
    'unknown (%s) arrives as INTERNAL, its text stays in the log',
    async (how) => {
      const error = await rejection(caller.rpc.doRPC(to('fail'), how));
      expect(error).toMatchObject({ code: 'INTERNAL', retryable: false });
      const { incident } = (error as unknown as { details: { incident: string } }).details;
      expect(incident).toMatch(/^[0-9a-f-]{36}$/);
      expect(logged).toMatchObject([{ event: 'rpc.failed', handler: 'fail', from: 'front', incident }]);
      expect(JSON.stringify(logged)).toContain('hunter2');
      expect(JSON.stringify(error) + error.message + error.stack).not.toContain('hunter2');
    },
  );

  it('of the game arrives as it was thrown', async () => {
    const error = await rejection<RpcError>(caller.rpc.doRPC(to('fail'), 'game'));
    expect(error).toBeInstanceOf(RpcError);
    expect(error.toPublic()).toEqual({
      code: 'TEST_QUEUE_CLOSED',
      retryable: true,
      details: { opens: 12 },
      retryAfterMs: 50,
    });
    expect(await rejection(caller.rpc.doRPC(to('fail'), 'nest'))).toMatchObject({
      code: 'NOT_FOUND',
      details: { id: 7 },
    });
    expect(logged).toEqual([]);
  });

  it('of a call further on is not called safe to retry: this one has begun', async () => {
    expect(await rejection(caller.rpc.doRPC(to('fail'), 'hop'))).toMatchObject({
      code: 'NO_SERVER',
      retryable: false,
    });
  });
});

describe('what JSON has no word for', () => {
  const there = async (value: unknown) => caller.rpc.doRPC(to('echo'), value);

  it('bigint, functions and symbols are refused before they are sent', async () => {
    for (const value of [1n, { deep: [1n] }, () => 1, Symbol('x')]) {
      expect((await rejection(there(value))).code).toBe('INVALID');
    }
  });

  it('a Date arrives as ISO 8601 text', async () => {
    expect(await there({ at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });

  it('undefined arrives as undefined; in an object it isn’t there, in a list it is null', async () => {
    expect(await there(undefined)).toBeUndefined();
    expect(await there({ a: undefined, b: 1 })).toEqual({ b: 1 });
    expect(await there([undefined])).toEqual([null]);
    expect(await there(null)).toBeNull();
  });

  it('a Buffer or Uint8Array arrives as the same bytes, and inside of an object it is refused', async () => {
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const answer = await there(bytes);
    expect(answer).toBeInstanceOf(Uint8Array);
    expect([...(answer as Uint8Array)]).toEqual([...bytes]);
    for (const value of [{ a: bytes }, [Buffer.from('x')], { m: new Map([[1, 2]]) }, { s: new Set([1]) }]) {
      expect((await rejection(there(value))).code).toBe('INVALID');
    }
    // They only look like one.
    expect(await there({ '0': 1, e: {} })).toEqual({ '0': 1, e: {} });
  });

  it('NaN and Infinity arrive as null, as in any JSON', async () => {
    expect(await there([NaN, Infinity])).toEqual([null, null]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['stream', 3],
    ['empty', undefined],
  ])('a handler may return %s', async (what, expected) => {
    expect(await caller.rpc.doRPC(to('give'), what)).toEqual(expected);
  });

  it('a handler’s bytes arrive as bytes', async () => {
    const bytes = await caller.rpc.doRPC<Uint8Array>(to('give'), 'bytes');
    expect([...bytes]).toEqual([1, 2, 255]);
  });

  it.each(['bigint', 'circular', 'function'])(
    'a handler that returns a %s fails with INTERNAL',
    async (what) => {
      expect((await rejection(caller.rpc.doRPC(to('give'), what))).code).toBe('INTERNAL');
    },
  );
});

describe('the payload limit', () => {
  it('refuses a larger call before it is sent', async () => {
    const calmMs = calmTime();
    const error = await rejection<RpcError>(caller.rpc.doRPC(to('echo'), 'x'.repeat(1_100_000)));
    expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
    expect(error.details).toMatchObject({ limit: 1_048_576 });
    expect(calmMs()).toBeLessThan(200);
  });

  it('tells the caller of a larger answer at once', async () => {
    const calmMs = calmTime();
    const error = await rejection(caller.rpc.doRPC(to('give'), 'large'));
    expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
    expect(calmMs()).toBeLessThan(500);
  });

  it('lets through what just fits', async () => {
    const text = 'x'.repeat(1_048_576 - 1_000);
    expect(await caller.rpc.doRPC(to('echo'), text)).toBe(text);
  });
});

describe('the context', () => {
  it('travels with the call', async () => {
    const context = {
      version: '1.0.0000',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      attributes: { uid: 'u1', name: 'Zoë "ö" \r\nRpc-Version: 6.6.0006' },
    };
    const seen = await rpcContext.run(context, () => caller.rpc.doRPC(to('context')));
    expect(seen).toEqual(context);
    expect(await caller.rpc.doRPC(to('context'))).toEqual({ attributes: {} });
  });

  it('can’t be used to write headers', async () => {
    const bad = { version: '1.0.0000\r\nX: y', attributes: {} };
    const error = await rejection(rpcContext.run(bad, () => caller.rpc.doRPC(to('context'))));
    expect(error.code).toBe('INVALID');
    const trace = { traceparent: 'x\r\nRpc-Version: 6.6.0006', attributes: {} };
    expect(await rpcContext.run(trace, () => caller.rpc.doRPC(to('context')))).toEqual({ attributes: {} });
  });
});

describe('discovery', () => {
  let tool: NatsConnection;
  beforeAll(async () => {
    tool = await connect({ servers: nats.address });
  });
  afterAll(() => tool?.close());

  it('answers the NATS services protocol with labels and handlers', async () => {
    const ping = (await tool.request('$SRV.PING.back')).json();
    expect(ping).toMatchObject({
      type: 'io.nats.micro.v1.ping_response',
      name: 'back',
      id: 'back-0',
      version: '1.0.0',
      metadata: { serverId: 'back-0', serverType: 'back', version: '1.0.0000' },
    });
    const info = (await tool.request('$SRV.INFO.back.back-0')).json<{ endpoints: object[] }>();
    expect(info.endpoints).toContainEqual({
      name: 'nap',
      subject: 'rpc.any.back.1_0_0000.nap',
      queue_group: 'any',
      metadata: { scope: 'server' },
    });
    const stats = (await tool.request('$SRV.STATS.back')).json<{ endpoints: { num_requests: number }[] }>();
    expect(stats.endpoints.some(({ num_requests: calls }) => calls > 0)).toBe(true);
  });
});

describe('metrics', () => {
  it('count per handler what began, went well and failed by code, and how long it took', async () => {
    await caller.rpc.doRPC({ handler: nap }, { ms: 30 });
    const metrics = await register.metrics();
    expect(metrics).toMatch(/ccgame_rpc_handler_started_total\{handler="nap",scope="server"\} \d+/);
    expect(metrics).toMatch(/ccgame_rpc_handler_ok_total\{handler="nap",scope="server"\} \d+/);
    expect(metrics).toMatch(
      /ccgame_rpc_handler_failed_total\{handler="fail",scope="server",code="INTERNAL"\} \d+/,
    );
    expect(metrics).toMatch(
      /ccgame_rpc_handler_failed_total\{handler="few",scope="server",code="BUSY"\} \d+/,
    );
    expect(metrics).toMatch(/ccgame_rpc_handler_in_flight\{handler="nap",scope="server"\} 0/);
    expect(metrics).toMatch(
      /ccgame_rpc_handler_seconds_bucket\{handler="nap",scope="server",le="0.05"\} \d+/,
    );
    expect(metrics).toMatch(/ccgame_rpc_handler_seconds_count\{handler="nap",scope="server"\} \d+/);
  });

  it('count calls by server type and handler, but for handlers that nobody has, which a player may make up', async () => {
    await caller.rpc.doRPC({ handler: nap }, { ms: 30 });
    await rejection(caller.rpc.doRPC({ serverType: 'back', handler: 'fail' }, 'bug'));
    for (const handler of ['made_up_1', 'made_up_2']) {
      await rejection(caller.rpc.doRPC({ serverType: 'back', handler }));
      await rejection(caller.rpc.doRPC({ serverType: handler.replaceAll('_', ''), handler: 'nap' }));
    }
    const metrics = await register.metrics();
    expect(metrics).toMatch(/^ccgame_rpc_calls_total\{to="back",handler="nap",result="ok"\} [1-9]/m);
    expect(metrics).toMatch(/^ccgame_rpc_calls_total\{to="back",handler="fail",result="INTERNAL"\} [1-9]/m);
    expect(metrics).toMatch(/^ccgame_rpc_call_seconds_bucket\{to="back",handler="nap",le="0.025"\} \d+/m);
    expect(metrics).toMatch(
      /^ccgame_rpc_calls_total\{to="other",handler="other",result="NO_SERVER"\} [4-9]/m,
    );
    expect(metrics).not.toMatch(/made_?up/);
  });
});

describe('a stop', () => {
  /** By how much a stop with 1,000 calls in flight takes longer than their answers do without one, ms. */
  async function measureStop(): Promise<number> {
    const controllers = [BackController];
    const app = await startRpcApp({ natsAddress: nats.address, serverId: 'back-9', controllers });
    const endCalls = async (until: () => Promise<void>): Promise<number> => {
      begun = 0;
      gate = new Promise((resolve) => (openGate = resolve));
      const target = { serverId: 'back-9', handler: 'held' };
      const calls = await beginInTurns(1_000, () => caller.rpc.doRPC(target, {}, { timeoutMs: 90_000 }));
      await untilHolds(() => begun === 1_000);
      const ended = until();
      await sleep(50);
      const since = performance.now();
      openGate();
      const [results] = await Promise.all([Promise.allSettled(calls), ended]);
      expect(results.filter(({ status }) => status === 'rejected').slice(0, 3)).toEqual([]);
      return performance.now() - since;
    };
    try {
      const answer = (): Promise<number> => endCalls(() => Promise.resolve());
      // The first of both meets cold code.
      const answersMs = Math.min(await answer(), await answer());
      return (await endCalls(() => app.server.close())) - answersMs;
    } finally {
      await app.close();
    }
  }

  it('ends 100 ms after the slowest handler, with 1,000 in flight, and loses none', async () => {
    // Where other processes take the cores, one stop of ten has to make it.
    let quickest = Infinity;
    for (let tries = 0; tries < 10 && quickest >= 100; tries++) {
      quickest = Math.min(quickest, await measureStop());
    }
    expect(quickest).toBeLessThan(100);
  });

  it('refuses what comes when its time is over, so that siblings may take it', async () => {
    const proxy = await TcpProxy.start(nats.port);
    const controllers = [BackController];
    const natsAddress = proxy.address;
    const app = await startRpcApp({ natsAddress, serverId: 'back-7', controllers, stopTimeoutMs: 1 });
    try {
      begun = 0;
      gate = Promise.resolve();
      proxy.hold();
      const calls = Array.from({ length: 5 }, () =>
        rejection(caller.rpc.doRPC({ serverId: 'back-7', handler: 'held' }, {}, { timeoutMs: 30_000 })),
      );
      // NATS has handed them over.
      await caller.app.get<NatsConnection>(NATS_CONNECTION).flush();
      const closed = app.server.close();
      // Longer than its time.
      await sleep(100);
      proxy.release();
      await closed;
      for (const error of await Promise.all(calls)) {
        expect(error).toMatchObject({ code: 'GONE', retryable: true });
      }
      expect(begun).toBe(0);
    } finally {
      await app.close();
      await proxy.stop();
    }
  });

  it('hands what it has not begun to a sibling', async () => {
    const app = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'back-8',
      controllers: [BackController],
      stopTimeoutMs: 100,
    });
    const running = Array.from({ length: 2 }, () =>
      rejection(caller.rpc.doRPC({ serverId: 'back-8', handler: few }, { ms: forever })),
    );
    await sleep(50);
    // Some of them wait there; back-0 has room for all.
    const calls = Array.from({ length: 5 }, () => caller.rpc.doRPC({ handler: few }, {}));
    await sleep(50);
    await app.close();
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'done'));
    for (const error of await Promise.all(running)) {
      expect(error).toMatchObject({ code: 'GONE', retryable: false });
    }
  });
});
