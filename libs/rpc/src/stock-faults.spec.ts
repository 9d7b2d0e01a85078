import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { startNats, type NatsServer, calmTime } from '@ccgame/testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { RpcError } from './errors.js';

let running = 0;
let most = 0;

@Controller()
class BackController {
  @MessagePattern({ serverId: 'back', handler: 'give' })
  give(what: string): unknown {
    return what === 'large' ? 'x'.repeat(1_200_000) : undefined;
  }

  @MessagePattern({ serverId: 'back', handler: 'slow' }, { concurrency: 4, queue: 200 })
  async slow(ms: number): Promise<number> {
    most = Math.max(most, ++running);
    await sleep(ms);
    running--;
    return ms;
  }

  @MessagePattern({ serverId: 'back', handler: 'fast' })
  fast(): string {
    return 'fast';
  }

  @MessagePattern({ serverId: 'back', handler: 'never' })
  never(): Promise<never> {
    return new Promise(() => undefined);
  }
}

@Controller()
class TwinController {
  @MessagePattern({ serverId: 'back', handler: 'fast' })
  fast(): string {
    return 'the other';
  }
}

/** The faults of Nest's own NATS transport: `stock-transport.spec.ts` shows them, by the same numbers. */
describe('unlike the stock transport, this one', () => {
  let nats: NatsServer;
  let back: RpcApp;
  let caller: RpcApp;
  let wire: NatsConnection;
  const to = (handler: string) => ({ serverId: 'back-0', handler });

  beforeAll(async () => {
    nats = await startNats();
    back = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'back-0',
      version: '1.0.0000',
      controllers: [BackController],
      stopTimeoutMs: 2_000,
    });
    caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
    wire = await connect({ servers: nats.address, maxReconnectAttempts: -1 });
  });
  afterAll(async () => {
    await wire?.close();
    await caller?.close();
    await back?.close();
    await nats?.destroy();
  });

  it('1: has subjects that can be watched and permitted by wildcard, dots in a version or not', async () => {
    const seen: string[] = [];
    const watch = wire.subscribe('rpc.any.back.1_0_0000.*', {
      callback: (_, message) => {
        seen.push(message.subject);
      },
    });
    await wire.flush();
    await caller.rpc.doRPC({ serverType: 'back', version: '1.0.0000', handler: 'fast' });
    await wire.flush();
    expect(seen).toEqual(['rpc.any.back.1_0_0000.fast']);
    watch.unsubscribe();
  });

  it('2: takes the answers to all calls on one subscription', async () => {
    const inboxes = new Set<string>();
    const watch = wire.subscribe('rpc.id.back.back-0.fast', {
      callback: (_, message) => {
        inboxes.add((message.reply ?? '').replace(/\.[^.]+$/, ''));
      },
    });
    await wire.flush();
    await Promise.all(Array.from({ length: 50 }, () => caller.rpc.doRPC(to('fast'))));
    await wire.flush();
    expect(inboxes.size).toBe(1);
    watch.unsubscribe();
  });

  it('3: lets no call wait for ever', async () => {
    const error = await rejection(caller.rpc.doRPC(to('never'), {}, { timeoutMs: 200 }));
    expect(error.code).toBe('TIMEOUT');
  });

  it('5: says NO_SERVER where nobody listens', async () => {
    const error = await rejection(caller.rpc.doRPC(to('nothing')));
    expect(error).toBeInstanceOf(RpcError);
    expect(error.code).toBe('NO_SERVER');
  });

  it('6: answers a message that is no JSON', async () => {
    const head = headers();
    head.set('Rpc-Left', '1000');
    const answer = await wire.request('rpc.id.back.back-0.fast', '{"n":', { timeout: 1_000, headers: head });
    expect(answer.headers?.get('Rpc-Error')).toBe('INVALID');
    expect(answer.json()).toMatchObject({ message: 'The payload is not JSON' });
  });

  it('7: tells the caller of an answer over the limit', async () => {
    expect((await rejection(caller.rpc.doRPC(to('give'), 'large'))).code).toBe('TOO_LARGE');
  });

  it('8: gives undefined for undefined', async () => {
    expect(await caller.rpc.doRPC(to('give'), 'nothing')).toBeUndefined();
  });

  it('9: runs no more calls at once than it is told to', async () => {
    await Promise.all(Array.from({ length: 100 }, () => caller.rpc.doRPC(to('slow'), 5)));
    expect(most).toBe(4);
  });

  it('10: does not start with two handlers of one name', async () => {
    const start = startRpcApp({
      natsAddress: nats.address,
      serverId: 'back-1',
      controllers: [BackController, TwinController],
    });
    expect((await rejection(start)).message).toContain('fast: there are two server handlers of that name');
  });

  it('4, 11: fails what is in flight when NATS goes, and is there again after any time', async () => {
    const health = caller.app.get(NatsHealth);
    const call = rejection(caller.rpc.doRPC(to('slow'), 20_000, { timeoutMs: 60_000 }));
    await sleep(100);
    const calmMs = calmTime();
    await nats.stop('SIGKILL');
    expect((await call).code).toBe('GONE');
    expect(calmMs()).toBeLessThan(1_000);
    // An attempt takes 250-750 ms: more than the ten that the stock client makes.
    await sleep(9_000);
    await nats.start();
    await health.waitUntilConnected(5_000);
    expect(health.connected).toBe(true);
    await back.app.get(NatsHealth).waitUntilConnected(5_000);
    await sleep(100);
    expect(await caller.rpc.doRPC(to('fast'))).toBe('fast');
  });

  it('12: loses no call in flight at its close', async () => {
    const calls = Array.from({ length: 256 }, () => caller.rpc.doRPC(to('fast')));
    const slow = Array.from({ length: 4 }, () => caller.rpc.doRPC(to('slow'), 200));
    const settled = Promise.allSettled([...calls, ...slow]);
    // Out of this process, and hardly any answered.
    await caller.app.get<NatsConnection>(NATS_CONNECTION).flush();
    await back.server.close();
    expect((await settled).filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});
