import type { INestApplicationContext } from '@nestjs/common';
import { DirectReader } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { PushService } from '@ccgame/sessions';
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

  it('is set aside, counted and told when it can never be sent, and the others arrive', async () => {
    const mark = markOf(Counter);
    const kind = { mark, construct: () => Promise.resolve(new Counter()) };
    const held = new HeldEntity(
      'counter.a',
      'a',
      kind,
      new Counter(),
      '1.0.0000',
      { seq: 0 },
      () => undefined,
    );
    held.live.outbox.outputs = [
      { id: 'o1', to: ['anna'], route: 'news', data: 'x'.repeat(2 ** 20), n: 0 },
      { id: 'o2', to: ['anna'], route: 'news', data: 'small', n: 0 },
    ];
    const sender = new OutputSender(app.get(PushService));
    sender.sendOf(held, 0);
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
