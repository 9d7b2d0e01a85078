import { startNats, type NatsServer } from '#testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { TcpProxy } from '../test/tcp-proxy.js';
import { VictimServer } from '../test/victim.js';
import { NatsHealth } from './index.js';

/** What docs/rpc.md states: a dead or hanging server is known within this time, ms. */
const detectionMs = 2_000;

interface Timed {
  error: Error & Record<string, unknown>;
  ms: number;
}

async function timed(promise: Promise<unknown>): Promise<Timed> {
  const since = performance.now();
  const error = await rejection(promise);
  return { error, ms: performance.now() - since };
}

describe('when a server dies', () => {
  let nats: NatsServer;
  let caller: RpcApp;
  const victims: VictimServer[] = [];

  async function victim(serverId: string, stopTimeoutMs?: number): Promise<VictimServer> {
    const server = await VictimServer.start(serverId, nats.address, stopTimeoutMs);
    victims.push(server);
    return server;
  }

  beforeAll(async () => {
    nats = await startNats();
    caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
  });
  afterEach(async () => {
    await Promise.all(victims.splice(0).map((one) => one.end()));
  });
  afterAll(async () => {
    await caller?.close();
    await nats?.destroy();
  });

  it.each([
    ['by its id', { serverId: 'victim-0', handler: 'slow' }],
    ['as any of its type', { serverType: 'victim', handler: 'slow' }],
  ])('SIGKILL fails the calls in flight to it with GONE, called %s', async (_, target) => {
    const server = await victim('victim-0');
    const calls = Array.from({ length: 20 }, () =>
      timed(caller.rpc.doRPC(target, { ms: 30_000 }, { timeoutMs: 30_000 })),
    );
    await sleep(600);
    const killedAt = performance.now();
    await server.end('SIGKILL');
    const answers = await Promise.all(calls);
    const detectedIn = performance.now() - killedAt;
    expect(new Set(answers.map(({ error }) => error.code))).toEqual(new Set(['GONE']));
    expect(answers[0].error.retryable).toBe(false);
    // NATS knows at once that the process is gone, so the next look suffices: 0.2-0.3 s on an idle machine.
    expect(detectedIn).toBeLessThan(1_200);
  });

  it('SIGKILL right after the call was taken fails it with GONE in the stated time', async () => {
    const server = await victim('victim-0');
    const call = timed(
      caller.rpc.doRPC({ serverType: 'victim', handler: 'slow' }, { ms: 30_000 }, { timeoutMs: 30_000 }),
    );
    await sleep(50);
    await server.end('SIGKILL');
    const { error, ms } = await call;
    expect(error.code).toBe('GONE');
    expect(ms).toBeLessThan(detectionMs);
  });

  it('SIGSTOP fails the calls in flight to it with GONE in the stated time', async () => {
    const server = await victim('victim-0');
    const early = timed(
      caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 30_000 }, { timeoutMs: 30_000 }),
    );
    await sleep(600);
    server.signal('SIGSTOP');
    const stoppedAt = performance.now();
    const late = timed(caller.rpc.doRPC({ serverId: 'victim-0', handler: 'who' }, {}, { timeoutMs: 30_000 }));
    expect((await late).error.code).toBe('GONE');
    expect((await late).ms).toBeLessThan(detectionMs);
    expect((await early).error.code).toBe('GONE');
    expect(performance.now() - stoppedAt).toBeLessThan(detectionMs);
  });

  it('its namesake that comes at once is not taken for it', async () => {
    const server = await victim('victim-0');
    const call = timed(
      caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 30_000 }, { timeoutMs: 30_000 }),
    );
    await sleep(600);
    await server.end('SIGKILL');
    await victim('victim-0');
    expect((await call).error.code).toBe('GONE');
  });

  it('nobody waits for one that isn’t there', async () => {
    const server = await victim('victim-0');
    await server.end('SIGKILL');
    const call = (): Promise<Timed> => timed(caller.rpc.doRPC({ serverId: 'victim-0', handler: 'who' }));
    // Until NATS itself has noticed, a call may still be sent into the dead socket: GONE.
    while ((await call()).error.code !== 'NO_SERVER');
    const { error, ms } = await call();
    expect(error).toMatchObject({ code: 'NO_SERVER', retryable: true });
    expect(ms).toBeLessThan(500);
  });

  it('calls that only take long are left alone', async () => {
    await victim('victim-0');
    const call = caller.rpc.doRPC({ serverType: 'victim', handler: 'slow' }, { ms: 3_000 });
    expect(await call).toBe('victim-0');
  });

  it('a caller who hung himself takes nobody for dead', async () => {
    await victim('victim-0');
    const calls = [100, 1_000, 4_000].map((ms) =>
      caller.rpc.doRPC({ serverType: 'victim', handler: 'slow' }, { ms }, { timeoutMs: 10_000 }),
    );
    await sleep(600);
    const until = performance.now() + 2_500;
    while (performance.now() < until) {
      // What a long computation, a debugger or a starved pod does.
    }
    expect(await Promise.all(calls)).toEqual(['victim-0', 'victim-0', 'victim-0']);
  });

  it('a planned stop loses none of 1,000 calls in flight and takes no longer than the slowest', async () => {
    const server = await victim('victim-0');
    await victim('victim-1');
    const slowest = 1_000;
    const calls = Array.from({ length: 1_000 }, (_, n) =>
      caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: n < 999 ? 300 : slowest }),
    );
    // Begun: the last of them has been taken off the wire.
    await sleep(150);
    const stopped = server.end('SIGTERM');
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    // The engine's own 100 ms are in honesty.spec.ts; here a whole process ends.
    expect(await stopped).toBeLessThan(slowest + 1_000);
  });

  it('a planned stop that can’t wait any longer says so to those who wait', async () => {
    const server = await victim('victim-0', 500);
    const call = timed(
      caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 10_000 }, { timeoutMs: 15_000 }),
    );
    await sleep(100);
    expect(await server.end('SIGTERM')).toBeLessThan(1_500);
    expect((await call).error).toMatchObject({ code: 'GONE', retryable: false });
  });

  it('10 s of handler time are waited for', async () => {
    const server = await victim('victim-0');
    const call = caller.rpc.doRPC(
      { serverId: 'victim-0', handler: 'slow' },
      { ms: 10_000 },
      { timeoutMs: 15_000 },
    );
    await sleep(100);
    const stopped = server.end('SIGTERM');
    // It takes nothing new meanwhile.
    await sleep(200);
    const refused = await rejection(caller.rpc.doRPC({ serverId: 'victim-0', handler: 'who' }));
    expect(refused).toMatchObject({ code: 'NO_SERVER' });
    expect(await call).toBe('victim-0');
    expect(await stopped).toBeLessThan(11_500);
  });
});

describe('when NATS is away', () => {
  let nats: NatsServer;
  let caller: RpcApp;
  let server: VictimServer;
  const who = { serverId: 'victim-0', handler: 'who' };

  beforeEach(async () => {
    nats = await startNats();
    server = await VictimServer.start('victim-0', nats.address);
    caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
  });
  afterEach(async () => {
    await caller?.close();
    await server?.end();
    await nats?.destroy();
  });

  it('calls in flight fail with GONE, new ones with NO_SERVER, at once; then all goes on', async () => {
    const health = caller.app.get(NatsHealth);
    const inFlight = timed(
      caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 20_000 }, { timeoutMs: 20_000 }),
    );
    await sleep(100);
    const killedAt = performance.now();
    await nats.stop('SIGKILL');
    expect((await inFlight).error.code).toBe('GONE');
    expect(performance.now() - killedAt).toBeLessThan(1_000);
    expect(health.connected).toBe(false);

    const { error, ms } = await timed(caller.rpc.doRPC(who));
    expect(error).toMatchObject({ code: 'NO_SERVER', retryable: true });
    expect(ms).toBeLessThan(300);

    const waiting = caller.rpc.doRPC(who, {}, { waitForConnection: true, timeoutMs: 15_000 });
    const tooShort = timed(caller.rpc.doRPC(who, {}, { waitForConnection: true, timeoutMs: 200 }));
    expect((await tooShort).error.code).toBe('NO_SERVER');
    // Longer than the ten attempts after which the stock transport gives up.
    await sleep(4_000);
    await nats.start();
    await health.waitUntilConnected(5_000);
    // The server may be back a moment later than the caller.
    const answer = await waiting.catch(() => undefined);
    expect([undefined, 'victim-0']).toContain(answer);
    await sleep(1_500);
    expect(await caller.rpc.doRPC(who)).toBe('victim-0');
  });
});

describe('when the connection is cut on the way', () => {
  it('the caller’s calls fail at once, and go on when it is mended', async () => {
    const nats = await startNats();
    const proxy = await TcpProxy.start(nats.port);
    const server = await VictimServer.start('victim-0', nats.address);
    const caller = await startRpcApp({ natsAddress: proxy.address, serverId: 'front-0' });
    try {
      const call = timed(caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 4_000 }));
      await sleep(100);
      proxy.cut();
      expect((await call).error.code).toBe('GONE');
      expect((await call).ms).toBeLessThan(1_000);
      expect(await rejection(caller.rpc.doRPC({ serverId: 'victim-0', handler: 'who' }))).toMatchObject({
        code: 'NO_SERVER',
      });
      proxy.mend();
      await caller.app.get(NatsHealth).waitUntilConnected(10_000);
      expect(await caller.rpc.doRPC({ serverId: 'victim-0', handler: 'who' })).toBe('victim-0');
    } finally {
      await caller.close();
      await server.end();
      await proxy.stop();
      await nats.destroy();
    }
  });

  it('a call to a server that was cut off fails with GONE', async () => {
    const nats = await startNats();
    const proxy = await TcpProxy.start(nats.port);
    const server = await VictimServer.start('victim-0', proxy.address);
    const caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
    try {
      const call = timed(
        caller.rpc.doRPC({ serverId: 'victim-0', handler: 'slow' }, { ms: 9_000 }, { timeoutMs: 20_000 }),
      );
      await sleep(600);
      proxy.cut();
      const { error, ms } = await call;
      expect(error.code).toBe('GONE');
      expect(ms).toBeLessThan(600 + detectionMs);
    } finally {
      await caller.close();
      await server.end();
      await proxy.stop();
      await nats.destroy();
    }
  });
});
