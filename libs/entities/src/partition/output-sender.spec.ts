import type { INestApplicationContext } from '@nestjs/common';
import { DirectReader } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { RpcError } from '@ccgame/rpc';
import { type PushOptions, PushService } from '@ccgame/sessions';
import { type NatsServer, startNats } from '@ccgame/testing';
import type { NatsConnection } from '@nats-io/nats-core';
import { openProcess, until } from '../../../sessions/test/process.js';
import { Counter } from '../../../../proof/entities/counter.js';
import { markOf } from '../contract/decorators.js';
import { metrics } from '../metrics.js';
import { HeldEntity } from '../memory/held-entity.js';
import { OutputSender } from './output-sender.js';

describe('what an entity pushes', () => {
  let nats: NatsServer;
  let app: INestApplicationContext;

  beforeAll(async () => {
    nats = await startNats();
    app = await openProcess('a-0', nats.address);
  });
  afterAll(async () => {
    await app.close();
    await nats.destroy();
  });

  function heldCounter(): HeldEntity {
    const kind = { mark: markOf(Counter), construct: () => Promise.resolve(new Counter()) };
    return new HeldEntity('counter.a', 'a', kind, new Counter(), '1.0.0000', { seq: 0 }, () => undefined);
  }

  it('waits for the input that it rests on, also where an earlier one is stored meanwhile', async () => {
    const held = heldCounter();
    const routes: string[] = [];
    const toPlayers = (_to: readonly string[], route: string): Promise<void> => {
      routes.push(route);
      return Promise.resolve();
    };
    const sender = new OutputSender({ toPlayers }, Date.now);
    held.live.outbox.outputs = [1, 2].map((n) => ({
      id: `o${n}`,
      to: ['anna'],
      route: `news-${n}`,
      data: 1,
      n,
    }));
    sender.sendPushes(held, 1);
    expect(routes).toEqual(['news-1']);
    sender.sendPushes(held, 2);
    await until(() => held.live.outbox.outputs.length === 0);
    expect(routes).toEqual(['news-1', 'news-2']);
    sender.close();
  });

  it('comes to each player in its order, also where the push log was full for a moment', async () => {
    const held = heldCounter();
    const routes: string[] = [];
    let isFull = true;
    const toPlayers = (_to: readonly string[], route: string): Promise<void> => {
      if (isFull && route === 'news-1') return Promise.reject(new RpcError('BUSY'));
      routes.push(route);
      return Promise.resolve();
    };
    const sender = new OutputSender({ toPlayers }, Date.now);
    const to = [['anna', 'bob'], ['anna'], ['cid'], ['bob', 'cid']];
    held.live.outbox.outputs = to.map((players, index) => {
      const n = index + 1;
      return { id: `o${n}`, to: players, route: `news-${n}`, data: 1, n };
    });
    sender.sendPushes(held, 4);
    await until(() => routes.length > 0);
    isFull = false;
    await until(() => held.live.outbox.outputs.length === 0);
    // Cid, who gets nothing of the first, didn't wait for it.
    expect(routes).toEqual(['news-3', 'news-1', 'news-2', 'news-4']);
    sender.close();
  });

  it('says since when it may have been sent, where it is tried again and where an owner before had it', async () => {
    const held = heldCounter();
    let now = 1_000_000;
    let passedMs = 0;
    const elapsed = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => elapsed() + passedMs);
    const told: [string, number | undefined][] = [];
    const toPlayers = (_to: readonly string[], route: string, _: unknown, options?: PushOptions) => {
      told.push([route, options?.triedAgoMs]);
      // The clock of NATS is set back between both tries.
      passedMs += 70_000;
      now = 500_000;
      return told.length === 1 ? Promise.reject(new RpcError('TIMEOUT')) : Promise.resolve();
    };
    const sender = new OutputSender({ toPlayers }, () => now);
    const output = { to: ['anna'], data: 1, n: 1, at: 400 };
    held.live.outbox.outputs = [{ ...output, id: 'o1', route: 'new' }];
    sender.sendPushes(held, 1);
    await until(() => held.live.outbox.outputs.length === 0);
    held.live.outbox.outputs = [{ ...output, id: 'o2', route: 'restored' }];
    sender.sendPushes(held, 1, true);
    await until(() => held.live.outbox.outputs.length === 0);
    jest.restoreAllMocks();
    expect(told.map(([route]) => route)).toEqual(['new', 'new', 'restored']);
    const [first, again = 0, restored = 0] = told.map(([, agoMs]) => agoMs);
    expect(first).toBeUndefined();
    // A busy machine may take longer than the pause.
    expect(Math.abs(again - 70_000 - 15_000)).toBeLessThanOrEqual(15_000);
    expect(Math.abs(restored - (500_000 - 400))).toBeLessThan(30_000);
    sender.close();
  });

  it('is set aside, counted and told when it can never be sent, and the others arrive', async () => {
    const held = heldCounter();
    held.live.outbox.outputs = [
      { id: 'o1', to: ['anna'], route: 'news', data: 'x'.repeat(2 ** 20), n: 0 },
      { id: 'o2', to: ['anna'], route: 'news', data: 'small', n: 0 },
    ];
    const sender = new OutputSender(app.get(PushService), Date.now);
    sender.sendPushes(held, 0);
    await until(() => held.live.outbox.outputs.length === 0);
    sender.close();
    const { values } = await metrics.droppedPushes.get();
    expect(values).toMatchObject([{ labels: { route: 'news' }, value: 1 }]);
    const reader = new DirectReader(app.get<NatsConnection>(NATS_CONNECTION), app.get(NatsHealth));
    const stored = await reader.readMessages('PUSH', { multi_last: ['push.u.anna.*'], batch: 10 });
    expect(stored.map((message) => message.json())).toEqual([{ route: 'news', data: 'small' }]);
    reader.close();
  });
});
