import { Controller } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { ServerHandler, serverHandler } from '#rpc';
import { type RpcApp, startRpcApp } from '../libs/rpc/test/rpc-app.js';
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
  const apps: RpcApp[] = [];
  const start = async (user: User, controllers: Parameters<typeof startRpcApp>[0]['controllers'] = []) => {
    const natsAddress = server.addressOf(user);
    const app = await startRpcApp({ natsAddress, serverId: `${user}-0`, controllers });
    apps.push(app);
    return app;
  };

  beforeAll(async () => {
    server = await NatsOfManifests.start('single');
    const manager = await jetstreamManager(await server.as('operator'));
    await manager.streams.add({ name: 'PUSH', subjects: ['push.u.*.*'], allow_direct: true });
    await start('matching', [TicketController]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await server.close();
  });

  it.each([true, false])(
    'runs no server-only handler with what JetStream read (no_hdr: %s)',
    async (no_hdr) => {
      const connector = await server.as('connector');
      const heard = (await server.as('operator')).subscribe('rpc.any.matching.>', { max: 1 });
      const given = headers();
      given.set('Rpc-Left', '5000');
      await connector.request('push.u.evil.1', '{}', { headers: given, timeout: 2000 });
      const request = JSON.stringify({ last_by_subj: 'push.u.evil.1', no_hdr });
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
});
