import { Controller } from '@nestjs/common';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { type RpcApp, startRpcApp } from '../../test/rpc-app.js';
import { type RpcContext, rpcContext } from '../context.js';
import { serverHandler } from '../contract/contract.js';
import { ServerHandler } from '../contract/decorators.js';
import type { Gathered } from './gathering.js';
import { ReachableServers } from './reachable-servers.js';

const wait = serverHandler({ serverType: 'lobby', handler: 'wait' });
let release: () => void = () => undefined;

@Controller()
class Lobby {
  @ServerHandler(wait)
  wait(): Promise<void> {
    return new Promise((resolve) => (release = resolve));
  }
}

describe('the servers of a type', () => {
  let nats: NatsServer;
  let apps: RpcApp[];
  const start = (serverId: string, version: string): Promise<RpcApp> =>
    startRpcApp({
      natsAddress: nats.address,
      serverId,
      serverType: serverId.split('-')[0],
      version,
      controllers: serverId.startsWith('lobby') ? [Lobby] : [],
    });

  beforeAll(async () => {
    nats = await startNats();
    apps = await Promise.all([
      start('lobby-a-0', '1.0.0000'),
      start('lobby-b-0', '1.0.0001'),
      start('asker-0', '1.0.0000'),
    ]);
  });
  afterAll(async () => {
    release();
    await Promise.all(apps.map((app) => app.close()));
    await nats.destroy();
  });

  it('are listed with their versions and loads, and no longer when they have stopped', async () => {
    const { rpc } = apps[2];
    const idle = [
      { serverId: 'lobby-a-0', serverType: 'lobby', version: '1.0.0000', load: 0 },
      { serverId: 'lobby-b-0', serverType: 'lobby', version: '1.0.0001', load: 0 },
    ];
    expect(await rpc.listServers('lobby')).toEqual(idle);
    expect(await rpc.listServers('lobby', '1.0.0001')).toEqual([idle[1]]);
    expect(await rpc.listServers('nobody')).toEqual([]);
    const waiting = rpc.doRPC({ serverId: 'lobby-b-0', handler: wait }, undefined, { timeoutMs: 20_000 });
    const loads = async (): Promise<number[]> => (await rpc.listServers('lobby')).map(({ load }) => load);
    await untilHolds(async () => (await loads()).join() === '0,1');
    release();
    await waiting;
    await apps[0].close();
    await untilHolds(async () => (await rpc.listServers('lobby')).length === 1, { timeoutMs: 10_000 });
  });
});

describe('what is known of the servers of a type', () => {
  const pongOf = (serverId: string): Gathered<unknown> => ({
    serverId: '',
    data: { metadata: { serverId, version: '1.0.0000' } },
  });

  it('is told at once while it is asked again, and keeps a busy server that misses one question', async () => {
    const rounds = [['lobby-0', 'lobby-1'], ['lobby-1'], ['lobby-1']];
    let asked = 0;
    const servers = new ReachableServers(() => Promise.resolve((rounds[asked++] ?? []).map(pongOf)));
    const ids = async (): Promise<string> =>
      (await servers.listServers('lobby')).map(({ serverId }) => serverId).join();
    const clock = jest.spyOn(performance, 'now');
    const after = async (ms: number): Promise<string> => {
      clock.mockReturnValue(ms);
      // The answer to this question is known at the next look.
      await ids();
      await new Promise((resolve) => setImmediate(resolve));
      return ids();
    };
    clock.mockReturnValue(0);
    expect(await ids()).toBe('lobby-0,lobby-1');
    expect(await after(500)).toBe('lobby-0,lobby-1');
    expect(asked).toBe(1);
    expect(await after(1_500)).toBe('lobby-0,lobby-1');
    expect(await after(3_000)).toBe('lobby-1');
    clock.mockRestore();
  });

  it('is asked for outside the call of whoever asked first, who may have no time left', async () => {
    const contexts: RpcContext[] = [];
    const servers = new ReachableServers(() => {
      contexts.push(rpcContext.get());
      return Promise.resolve([]);
    });
    const context = { deadline: performance.now() + 1, attributes: { uid: 'anna' } };
    await rpcContext.run(context, () => servers.listServers('lobby'));
    expect(contexts).toEqual([{ attributes: {} }, { attributes: {} }]);
  });

  it('has no server whose id is another type’s', async () => {
    const servers = new ReachableServers(() => Promise.resolve(['shop-0', 'lobby-0'].map(pongOf)));
    expect(await servers.listServers('lobby')).toMatchObject([{ serverId: 'lobby-0' }]);
  });
});
