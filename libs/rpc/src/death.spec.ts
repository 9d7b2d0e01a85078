import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { startNats, type NatsServer, calmTime } from '@ccgame/testing';
import { beginInTurns, rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { TcpProxy } from '../test/tcp-proxy.js';
import { VictimServer } from '../test/victim.js';
import { NatsHealth } from '@ccgame/nats';

/** The bound that docs/rpc.md states: a dead or hanging server is known within this time, ms, */
const detectionMs = 2_000;
/** and this much later at most where the caller itself was held up. */
const mostGraceMs = 6_000;
/** So long no victim's handler takes in fact. */
const forever = { ms: 30_000 };
const patient = { timeoutMs: 30_000 };

interface Timed {
  error: Error & Record<string, unknown>;
  ms: number;
  /** Without the time that some process waited for a core. */
  calmMs: number;
  /** In which a dead server has to be known: twice the time that this process was busy or had no core comes on top. */
  allowedMs: number;
}

async function timed(promise: Promise<unknown>): Promise<Timed> {
  const since = performance.now();
  const calmMs = calmTime();
  const allowedMs = allowedFrom();
  const error = await rejection(promise);
  return { error, ms: performance.now() - since, calmMs: calmMs(), allowedMs: allowedMs() };
}

/** Begins to count the time that this process loses. */
function allowedFrom(): () => number {
  const before = heldUpMs();
  return () => detectionMs + Math.min(2 * (heldUpMs() - before), mostGraceMs);
}

/** How long this process was busy, or waited for a core, since it began, ms. */
function heldUpMs(): number {
  let waitedNs = 0;
  try {
    waitedNs = Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]);
  } catch {
    // Not on Linux.
  }
  return performance.eventLoopUtilization().active + waitedNs / 1e6;
}

/** As `bench/rpc/victim.ts`, in this process. */
@Controller()
class StayingController {
  @MessagePattern({ serverId: 'staying', handler: 'slow' })
  async slow({ ms }: { ms: number }): Promise<string> {
    await sleep(ms);
    return 'done';
  }
}

let nats: NatsServer;
let caller: RpcApp;
/** One process a case, of a type of its own: they wait side by side. */
const victims: Record<string, VictimServer> = {};

async function start(name: string, stopTimeoutMs?: number): Promise<void> {
  victims[name] = await VictimServer.start(`${name}-0`, nats.address, stopTimeoutMs);
}

function slow(name: string, ms = forever): Promise<unknown> {
  return caller.rpc.doRPC({ serverId: `${name}-0`, handler: 'slow' }, ms, patient);
}

beforeAll(async () => {
  nats = await startNats();
  const names = ['killed', 'early', 'stopped', 'replaced', 'planned'];
  await Promise.all([...names.map((name) => start(name)), start('hurried', 500)]);
  caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
}, 60_000);
afterAll(async () => {
  await caller?.close();
  await Promise.all(Object.values(victims).map((one) => one.end()));
  await nats?.destroy();
});

describe('when a server dies', () => {
  it.concurrent(
    'SIGKILL fails the calls in flight to it with GONE, and new ones with NO_SERVER',
    async () => {
      const byType = { serverType: 'killed', handler: 'slow' };
      const calls = Array.from({ length: 20 }, (_, n) =>
        timed(n < 10 ? slow('killed') : caller.rpc.doRPC(byType, forever, patient)),
      );
      await sleep(600);
      const detectedIn = calmTime();
      await victims.killed.end('SIGKILL');
      const answers = await Promise.all(calls);
      expect(new Set(answers.map(({ error }) => error.code))).toEqual(new Set(['GONE']));
      expect(answers[0].error.retryable).toBe(false);
      // NATS knows at once that the process is gone, so the next look suffices: 0.2-0.3 s on an idle machine.
      expect(detectedIn()).toBeLessThan(1_200);

      const { error, calmMs } = await timed(slow('killed'));
      expect(error).toMatchObject({ code: 'NO_SERVER', retryable: true });
      expect(calmMs).toBeLessThan(500);
    },
  );

  it.concurrent('SIGKILL right after the call was taken fails it with GONE in the stated time', async () => {
    const call = timed(caller.rpc.doRPC({ serverType: 'early', handler: 'slow' }, forever, patient));
    await sleep(50);
    await victims.early.end('SIGKILL');
    const { error, ms, allowedMs } = await call;
    expect(error.code).toBe('GONE');
    expect(ms).toBeLessThan(allowedMs);
  });

  it.concurrent('SIGSTOP fails the calls in flight to it with GONE in the stated time', async () => {
    const early = timed(slow('stopped'));
    await sleep(600);
    victims.stopped.signal('SIGSTOP');
    const stoppedAt = performance.now();
    const allowedMs = allowedFrom();
    const late = await timed(caller.rpc.doRPC({ serverId: 'stopped-0', handler: 'who' }, {}, patient));
    expect(late.error.code).toBe('GONE');
    expect(late.ms).toBeLessThan(late.allowedMs);
    expect((await early).error.code).toBe('GONE');
    expect(performance.now() - stoppedAt).toBeLessThan(allowedMs());
  });

  it.concurrent('its namesake that comes at once is not taken for it', async () => {
    const call = timed(slow('replaced'));
    await sleep(600);
    await victims.replaced.end('SIGKILL');
    await start('replaced');
    expect((await call).error.code).toBe('GONE');
  });

  it.concurrent('calls that only take long are left alone', async () => {
    const controllers = [StayingController];
    const server = await startRpcApp({ natsAddress: nats.address, serverId: 'staying-0', controllers });
    const call = caller.rpc.doRPC({ serverType: 'staying', handler: 'slow' }, { ms: 3_000 });
    expect(await call).toBe('done');
    await server.close();
  });
});

describe('a planned stop', () => {
  it.concurrent(
    'loses none of 1,000 calls in flight, waits 10 s for one of them, and takes nothing new',
    async () => {
      const calls = await beginInTurns(1_000, (n) => slow('planned', { ms: n < 999 ? 300 : 10_000 }));
      const target = { serverId: 'planned-0', handler: 'who' };
      const who = (): Promise<unknown> => caller.rpc.doRPC(target, undefined, patient);
      // Behind them on the wire, so all have begun.
      await who();
      const stopped = victims.planned.end('SIGTERM');
      let refused: unknown;
      while (!refused) await who().catch((error: unknown) => (refused = error));
      expect(refused).toMatchObject({ code: 'NO_SERVER' });
      const results = await Promise.allSettled(calls);
      expect(results.filter(({ status }) => status === 'rejected').slice(0, 3)).toEqual([]);
      // The engine's own 100 ms are in honesty.spec.ts; here a whole process ends.
      expect(await stopped).toBeLessThan(11_500);
    },
  );

  it.concurrent('that can’t wait any longer says so to those who wait', async () => {
    const call = timed(slow('hurried', { ms: 10_000 }));
    await sleep(100);
    expect(await victims.hurried.end('SIGTERM')).toBeLessThan(1_500);
    expect((await call).error).toMatchObject({ code: 'GONE', retryable: false });
  });
});

describe('when NATS is away', () => {
  it.concurrent(
    'calls in flight fail with GONE, new ones with NO_SERVER, at once; then all goes on',
    async () => {
      const away = await startNats();
      const natsAddress = away.address;
      const server = await startRpcApp({
        natsAddress,
        serverId: 'staying-1',
        controllers: [StayingController],
        // A call that was in flight runs on for nobody.
        stopTimeoutMs: 100,
      });
      const front = await startRpcApp({ natsAddress, serverId: 'front-1' });
      const health = front.app.get(NatsHealth);
      const target = { serverId: 'staying-1', handler: 'slow' };
      const quick = { ms: 0 };
      const inFlight = timed(front.rpc.doRPC(target, forever, patient));
      await sleep(100);
      const calmMs = calmTime();
      await away.stop('SIGKILL');
      expect((await inFlight).error.code).toBe('GONE');
      expect(calmMs()).toBeLessThan(1_000);
      expect(health.connected).toBe(false);

      const later = await timed(front.rpc.doRPC(target, quick));
      expect(later.error).toMatchObject({ code: 'NO_SERVER', retryable: true });
      expect(later.calmMs).toBeLessThan(300);

      const waiting = front.rpc.doRPC(target, quick, { waitForConnection: true, timeoutMs: 15_000 });
      const tooShort = timed(front.rpc.doRPC(target, quick, { waitForConnection: true, timeoutMs: 200 }));
      expect((await tooShort).error.code).toBe('NO_SERVER');
      await away.start();
      await Promise.all([health, server.app.get(NatsHealth)].map((one) => one.waitUntilConnected(5_000)));
      // The server may be back a moment later than the caller.
      expect([undefined, 'done']).toContain(await waiting.catch(() => undefined));
      await sleep(500);
      expect(await front.rpc.doRPC(target, quick)).toBe('done');
      await Promise.all([front.close(), server.close()]);
      await away.destroy();
    },
  );
});

describe('when the connection is cut on the way', () => {
  it.concurrent('the caller’s calls fail at once, and go on when it is mended', async () => {
    const proxy = await TcpProxy.start(nats.port);
    const controllers = [StayingController];
    const server = await startRpcApp({ natsAddress: nats.address, serverId: 'staying-2', controllers });
    const front = await startRpcApp({ natsAddress: proxy.address, serverId: 'front-2' });
    const target = { serverId: 'staying-2', handler: 'slow' };
    const call = timed(front.rpc.doRPC(target, { ms: 4_000 }));
    await sleep(100);
    proxy.cut();
    expect((await call).error.code).toBe('GONE');
    expect((await call).calmMs).toBeLessThan(1_000);
    expect(await rejection(front.rpc.doRPC(target, { ms: 0 }))).toMatchObject({ code: 'NO_SERVER' });
    proxy.mend();
    await front.app.get(NatsHealth).waitUntilConnected(10_000);
    expect(await front.rpc.doRPC(target, { ms: 0 })).toBe('done');
    await Promise.all([front.close(), server.close()]);
    await proxy.stop();
  });

  it.concurrent('a call to a server that was cut off fails with GONE', async () => {
    const proxy = await TcpProxy.start(nats.port);
    const controllers = [StayingController];
    const server = await startRpcApp({
      ...{ natsAddress: proxy.address, serverId: 'staying-3', controllers },
      stopTimeoutMs: 100,
    });
    const call = timed(caller.rpc.doRPC({ serverId: 'staying-3', handler: 'slow' }, { ms: 9_000 }, patient));
    await sleep(600);
    proxy.cut();
    const { error, ms, allowedMs } = await call;
    expect(error.code).toBe('GONE');
    expect(ms).toBeLessThan(600 + allowedMs);
    await server.close();
    await proxy.stop();
  });
});
