import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { Got } from '../../test/got.js';
import { openProcess, until } from '../../test/process.js';
import { PushService } from '../push/push.service.js';
import { pushStreamName } from '../push/push-stream.js';
import { Delivery } from './delivery.js';

describe('pushes', () => {
  let nats: NatsServer;
  let server: INestApplicationContext;
  let push: PushService;
  let delivery: Delivery;

  beforeAll(async () => {
    nats = await startNats();
    server = await openProcess('connector-0', nats.address, [Delivery]);
    push = server.get(PushService);
    delivery = server.get(Delivery);
    await delivery.start();
  });
  afterAll(async () => {
    await server.close();
    await nats.destroy();
  });

  it('that may have been stored longer ago than the log knows are a gap, once, and come to nobody twice', async () => {
    const got = new Got();
    const feed = delivery.openFeed('doubt', got);
    const { position } = await feed.open();
    feed.close();
    const resumed = delivery.openFeed('doubt', got);
    await resumed.open(position);
    const log = await jetstreamManager(server.get<NatsConnection>(NATS_CONNECTION));
    for (const number of [0, 1]) await push.toPlayer('doubt', 'n', number, { id: `d${number}` });
    await until(() => got.numbers.length === 2);
    // As after a minute.
    await log.streams.purge(pushStreamName, { filter: 'push.u.doubt.*' });
    const { length } = got.starts;
    await push.toPlayer('doubt', 'n', 0, { id: 'd0', triedAgoMs: 61_000 });
    await push.toPlayer('doubt', 'n', 1, { id: 'd1', triedAgoMs: 61_000 });
    await push.toPlayer('doubt', 'n', 2, { id: 'd2', triedAgoMs: 40_000 });
    await until(() => got.numbers.includes(2));
    expect(got.numbers).toEqual([0, 1, 2]);
    expect(got.starts.slice(length)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
    expect(got.starts.at(-1)?.position).toBeGreaterThan(position);
    resumed.close();
    const late = delivery.openFeed('doubt', new Got());
    expect(await late.open(position)).toMatchObject({ recovered: false, notRecovered: 'expired' });
    late.close();
  });
});
