import { Controller, Logger } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { startNats, type NatsServer } from '@ccgame/testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { rpcContext } from './context.js';
import type { Hop } from './slow/hop.js';
import { RpcService } from './call/rpc.service.js';

const heard: unknown[] = [];
/** A call that takes longer is told. */
const slowMs = 200;
/** The payload at which the gate waits for a slow back end. */
const forSlow = 1;

/** One hop: whatever it is asked, it asks `back` for, and names no version. */
@Controller()
class GateController {
  constructor(private readonly rpc: RpcService) {}

  @MessagePattern({ serverId: 'gate', handler: 'ask' })
  async ask(ms: number): Promise<unknown> {
    await sleep(ms);
    const left = rpcContext.timeLeftMs();
    const backMs = ms === forSlow ? slowMs * 2 : undefined;
    const answer = await this.rpc.doRPC<object>({ serverType: 'back', handler: 'tell' }, backMs, {
      timeoutMs: 60_000,
    });
    return { ...answer, leftAtGate: left };
  }
}

/** Tells which version it is, and what it knows of its caller's caller. */
function backOf(ownVersion: string): new () => object {
  @Controller()
  class BackController {
    @MessagePattern({ serverId: 'back', handler: 'tell' })
    async tell(ms: number | undefined): Promise<unknown> {
      if (ms !== undefined) await sleep(ms);
      const { version, traceparent, attributes } = rpcContext.get();
      return { ownVersion, version, traceparent, attributes, leftAtBack: rpcContext.timeLeftMs() };
    }

    @EventPattern({ serverId: 'back', handler: 'happened' })
    happened(what: unknown): void {
      heard.push([ownVersion, what]);
    }
  }
  return BackController;
}

interface Told {
  leftAtGate: number;
  leftAtBack: number;
}

describe('a call that leads to another', () => {
  let nats: NatsServer;
  let caller: RpcApp;
  let apps: RpcApp[];

  beforeAll(async () => {
    nats = await startNats();
    const start = (serverId: string, version: string, controller: new (...args: never[]) => object) =>
      startRpcApp({ natsAddress: nats.address, serverId, version, slowMs, controllers: [controller] });
    apps = await Promise.all([
      start('back-old', '0.9.0000', backOf('0.9.0000')),
      start('back-new', '1.0.0000', backOf('1.0.0000')),
      start('gate-0', '1.0.0000', GateController),
    ]);
    caller = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'front-0',
      version: '1.0.0000',
      slowMs,
    });
  });
  afterAll(async () => {
    await Promise.all([caller, ...(apps ?? [])].map((app) => app?.close()));
    await nats?.destroy();
  });

  it('carries the session’s version, trace and facts to the end', async () => {
    const session = {
      version: '0.9.0000',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      attributes: { uid: 'u1' },
    };
    // The gate has one version only; the back end is chosen by the session's.
    const call = () => caller.rpc.doRPC({ serverId: 'gate-0', handler: 'ask' }, 0);
    expect(await rpcContext.run(session, call)).toMatchObject({ ownVersion: '0.9.0000', ...session });
    expect(await call()).toMatchObject({ ownVersion: '1.0.0000' });
  });

  it('that takes long is told with its hops: by each server, and to the first caller', async () => {
    const lines: Record<string, unknown>[] = [];
    Logger.overrideLogger({
      log: () => undefined,
      error: () => undefined,
      warn: (line: Record<string, unknown>) => lines.push({ ...line, uid: rpcContext.get().attributes.uid }),
    });
    const hops: Hop[] = [];
    try {
      await rpcContext.run({ attributes: { uid: 'u1' }, hops }, () =>
        caller.rpc.doRPC({ serverType: 'gate', handler: 'ask' }, forSlow),
      );
    } finally {
      Logger.overrideLogger(false);
    }
    const slowest = { to: 'back-new', handler: 'tell', ms: expect.any(Number) };
    expect(hops).toEqual([{ to: 'gate-0', handler: 'ask', ms: expect.any(Number), hops: [slowest] }]);
    expect(hops[0]?.hops?.[0]?.ms).toBeGreaterThanOrEqual(slowMs * 2 - 5);
    const told = { event: 'rpc.slow', from: 'front', handler: 'ask', hops: [slowest], uid: 'u1' };
    // One process tells no more than one in 100 ms: here it is the back end, the gate's line may be left out.
    expect(lines[0]).toMatchObject({ event: 'rpc.slow', from: 'gate', handler: 'tell', uid: 'u1' });
    for (const line of lines.slice(1)) expect(line).toMatchObject(told);
  });

  it('keeps sessions apart that are handled at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        rpcContext.run({ version: n % 2 ? '0.9.0000' : '1.0.0000', attributes: { n: `${n}` } }, () =>
          caller.rpc.doRPC<object>({ serverId: 'gate-0', handler: 'ask' }, n % 7),
        ),
      ),
    );
    answers.forEach((answer, n) =>
      expect(answer).toMatchObject({
        ownVersion: n % 2 ? '0.9.0000' : '1.0.0000',
        attributes: { n: `${n}` },
      }),
    );
  });

  it('has less time at each hop', async () => {
    const told = await caller.rpc.doRPC<Told>({ serverId: 'gate-0', handler: 'ask' }, 100, {
      timeoutMs: 2_000,
    });
    // The gate slept for 100 ms; a timer may fire a millisecond early, and what is left is told in whole ones.
    expect(told.leftAtGate).toBeLessThan(1_950);
    expect(told.leftAtBack).toBeLessThanOrEqual(told.leftAtGate + 2);
    expect(told.leftAtBack).toBeGreaterThan(0);
  });

  it('is not made any more when the caller has given up', async () => {
    const call = caller.rpc.doRPC({ serverId: 'gate-0', handler: 'ask' }, 300, { timeoutMs: 100 });
    expect((await rejection(call)).code).toBe('TIMEOUT');
  });

  it('may be an event, which every server of the type hears', async () => {
    await caller.rpc.sendRPC({ serverId: 'back', handler: 'happened' }, { goal: 1 });
    while (heard.length < 2) await sleep(5);
    expect(heard.sort()).toEqual([
      ['0.9.0000', { goal: 1 }],
      ['1.0.0000', { goal: 1 }],
    ]);
  });
});
