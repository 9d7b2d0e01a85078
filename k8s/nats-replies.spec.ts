import { Controller, type INestApplicationContext } from '@nestjs/common';
import { headers } from '@nats-io/nats-core';
import { ServerHandler, serverHandler } from '#rpc';
import { type RpcApp, startRpcApp } from '../libs/rpc/test/rpc-app.js';
import { PushService } from '#sessions';
import { Delivery } from '../libs/sessions/src/delivery/delivery.js';
import type { FeedSink } from '../libs/sessions/src/delivery/feed.js';
import { openProcess, until } from '../libs/sessions/test/process.js';
import { NatsOfManifests, type User } from './nats-of-manifests.js';

const take = serverHandler({ serverType: 'matching', handler: 'take_ticket', result: String });
let taken = 0;

@Controller()
class TicketController {
  @ServerHandler(take)
  take(): string {
    taken += 1;
    return 'taken';
  }
}

describe('a reply subject of a connector’s choice, which NATS does not check', () => {
  let server: NatsOfManifests;
  let backEnd: INestApplicationContext;
  const apps: RpcApp[] = [];
  const start = async (user: User, controllers: Parameters<typeof startRpcApp>[0]['controllers'] = []) => {
    const natsAddress = server.addressOf(user);
    const app = await startRpcApp({ natsAddress, serverId: `${user}-0`, controllers });
    apps.push(app);
    return app;
  };

  beforeAll(async () => {
    server = await NatsOfManifests.start('single');
    // Makes the push log.
    backEnd = await openProcess('http-1', server.addressOf('http'));
    await start('matching', [TicketController]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([...apps, backEnd].map((app) => app.close()));
    await server.close();
  });

  it.each([true, false])(
    'runs no server-only handler with what JetStream read (no_hdr: %s)',
    async (no_hdr) => {
      const connector = await server.as('connector');
      const heard = (await server.as('operator')).subscribe('rpc.any.matching.>', { max: 1 });
      const given = headers();
      given.set('Rpc-Left', '5000');
      await connector.request('push.u.$mark.1', '{}', { headers: given, timeout: 2000 });
      const request = JSON.stringify({ last_by_subj: 'push.u.$mark.1', no_hdr });
      connector.publish('$JS.API.DIRECT.GET.PUSH', request, {
        reply: `rpc.any.matching.1_0_0.${take.handler}`,
      });
      // It does arrive: permissions alone would not do.
      for await (const message of heard) expect(message.string()).toBe('{}');
      const http = await start('http');
      expect(await http.rpc.doRPC({ handler: take, version: '1.0.0' }, undefined)).toBe('taken');
      expect(taken).toBe(1);
      taken = 0;
    },
  );

  it('brings nothing to a player: no push that was not pushed to him, and no volatile one', async () => {
    const told: unknown[] = [];
    const sink: FeedSink = {
      begin: () => {},
      push: (body) => void told.push(JSON.parse(new TextDecoder().decode(body))),
      reached: () => {},
      untilRead: () => undefined,
      overrun: () => {},
    };
    const process = await openProcess('connector-1', server.addressOf('connector'), [Delivery]);
    const delivery = process.get(Delivery);
    await delivery.start();
    await delivery.feed('anna', sink).open();

    const connector = await server.as('connector');
    const given = headers();
    given.set('Push-Volatile', '1');
    const forged = JSON.stringify({ route: 'forged' });
    await connector.request('push.u.$mark.forged', forged, { headers: given, timeout: 2000 });
    for (const no_hdr of [true, false]) {
      const request = JSON.stringify({ last_by_subj: 'push.u.$mark.forged', no_hdr });
      connector.publish('$JS.API.DIRECT.GET.PUSH', request, { reply: 'deliver.u.anna' });
    }
    await connector.request(
      '$JS.API.DIRECT.GET.PUSH',
      JSON.stringify({ last_by_subj: 'push.u.$mark.forged' }),
    );

    const push = backEnd.get(PushService);
    await push.toPlayer('anna', 'volatile', 1, { volatile: true });
    await push.toPlayer('anna', 'stored', 2);
    await until(() => told.length >= 2);
    expect(told).toEqual([
      { route: 'volatile', data: 1 },
      { route: 'stored', data: 2 },
    ]);
    await process.close();
  });
});
