import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { firstValueFrom } from 'rxjs';
import { startNats, type NatsServer } from '@ccgame/testing';
import { rejection, sleep } from '../test/rpc-app.js';

let running = 0;
let most = 0;

@Controller()
class BackController {
  @MessagePattern({ serverId: 'back-0', handler: 'give' })
  give(what: string): unknown {
    return what === 'large' ? 'x'.repeat(1_200_000) : undefined;
  }

  @MessagePattern({ serverId: 'back-0', handler: 'slow' })
  async slow(ms: number): Promise<number> {
    most = Math.max(most, ++running);
    await sleep(ms);
    running--;
    return ms;
  }

  @MessagePattern({ serverId: 'back-0', handler: 'never' })
  never(): Promise<never> {
    return new Promise(() => undefined);
  }

  @MessagePattern({ serverId: 'back-0', handler: 'fast', version: '1.0.0000' })
  fast(): string {
    return 'fast';
  }
}

@Controller()
class FirstController {
  @MessagePattern({ serverId: 'twins', handler: 'x' })
  first(): string {
    return 'first';
  }
}

@Controller()
class SecondController {
  @MessagePattern({ serverId: 'twins', handler: 'x' })
  second(): string {
    return 'second';
  }
}

const fast = { serverId: 'back-0', handler: 'fast', version: '1.0.0000' };
const fastSubject = JSON.stringify({ handler: 'fast', serverId: 'back-0', version: '1.0.0000' });
const [give, slow, never] = ['give', 'slow', 'never'].map((handler) => ({ serverId: 'back-0', handler }));

/** The faults that `stock-faults.spec.ts` looks for in this engine, by the same numbers: if Nest mends one, docs/rpc.md has to say so. */
describe('Nest’s own NATS transport', () => {
  let nats: NatsServer;
  let back: INestMicroservice;
  let client: ClientProxy;
  let wire: NatsConnection;

  async function serve(address: string, options: object, ...controllers: Type[]): Promise<INestMicroservice> {
    const transport = { transport: Transport.NATS as const, options: { servers: [address], ...options } };
    const root = { module: class {}, controllers };
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, {
      ...transport,
      logger: false,
    });
    await app.listen();
    // It says that it listens before NATS knows.
    await app.unwrap<NatsConnection>().flush();
    return app;
  }

  async function clientOf(address: string, options: object = {}): Promise<ClientProxy> {
    const proxy = ClientProxyFactory.create({
      transport: Transport.NATS,
      options: { servers: [address], ...options },
    });
    await proxy.connect();
    return proxy;
  }

  const call = (pattern: object | undefined, data: unknown = {}): Promise<unknown> =>
    firstValueFrom(client.send(pattern, data));

  /** Whether a call is still waiting after half a second. */
  async function hangs(promise: Promise<unknown>): Promise<boolean> {
    const settled = promise.then(
      () => false,
      () => false,
    );
    return Promise.race([settled, sleep(500).then(() => true)]);
  }

  beforeAll(async () => {
    nats = await startNats();
    back = await serve(nats.address, {}, BackController);
    client = await clientOf(nats.address);
    wire = await connect({ servers: nats.address });
  });
  afterAll(async () => {
    await Promise.all([client?.close(), back?.close(), wire?.close()]);
    await nats?.destroy();
  });

  it('1: has subjects of JSON, which the dots of a version cut in pieces', async () => {
    const seen: string[] = [];
    const watch = wire.subscribe(fastSubject, { callback: (_, message) => void seen.push(message.subject) });
    await wire.flush();
    await call(fast);
    await wire.flush();
    watch.unsubscribe();
    expect(seen[0]?.split('.')).toEqual([
      '{"handler":"fast","serverId":"back-0","version":"1',
      '0',
      '0000"}',
    ]);
  });

  it('2: subscribes for each request', async () => {
    // Subscriptions are numbered.
    const next = (): number => {
      const one = client.unwrap<NatsConnection>().subscribe('unused');
      one.unsubscribe();
      return one.getID();
    };
    const before = next();
    await Promise.all(Array.from({ length: 50 }, () => call(fast)));
    expect(next() - before).toBeGreaterThan(50);
  });

  it('3: lets a call wait for ever', async () => {
    expect(await hangs(call(never))).toBe(true);
  });

  it('5: has an error without a code where nobody listens', async () => {
    const error = await rejection(call({ serverId: 'nobody', handler: 'x' }));
    expect(error.message).toMatch(/Empty response/);
    expect(error.code).toBeUndefined();
  });

  it('6: does not answer a message that is no JSON', async () => {
    expect(await hangs(wire.request(fastSubject, '{"n":', { timeout: 2_000 }))).toBe(true);
  });

  it('7: leaves the caller of a large answer waiting', async () => {
    expect(await hangs(call(give, 'large'))).toBe(true);
  });

  it('8: makes an error of undefined', async () => {
    expect((await rejection(call(give, 'nothing'))).name).toBe('EmptyError');
  });

  it('9: runs whatever comes at once', async () => {
    running = most = 0;
    await Promise.all(Array.from({ length: 100 }, () => call(slow, 20)));
    expect(most).toBeGreaterThan(50);
  });

  it('10: lets a second handler take the place of the first', async () => {
    const twins = await serve(nats.address, {}, FirstController, SecondController);
    expect(await call({ serverId: 'twins', handler: 'x' })).toBe('second');
    await twins.close();
  });

  it('4, 11: leaves a call hanging when NATS goes, and does not come back after ten attempts', async () => {
    const other = await startNats();
    const quick = { reconnectTimeWait: 20 };
    const server = await serve(other.address, quick, BackController);
    const proxy = await clientOf(other.address, { ...quick, maxReconnectAttempts: -1 });
    const pending = firstValueFrom(proxy.send(never, 0));
    await sleep(100);
    await other.stop('SIGKILL');
    expect(await hangs(pending)).toBe(true);
    await sleep(1_500);
    await other.start();
    await sleep(500);
    expect((await rejection(firstValueFrom(proxy.send(slow, 1)))).message).toMatch(/Empty response/);
    await Promise.all([proxy.close(), server.close()]);
    await other.destroy();
  });

  it('12: loses calls in flight at its close', async () => {
    const calls = Array.from({ length: 256 }, () => call(slow, 100));
    const settled = Promise.all(calls.map((one) => hangs(one)));
    await wire.flush();
    await sleep(50);
    await back.close();
    expect((await settled).filter(Boolean).length).toBeGreaterThan(0);
  });
});
