import { createHash } from 'node:crypto';
import { Controller, type INestApplicationContext, Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { NestFactory } from '@nestjs/core';
import { RpcModule, ServerHandler, serverHandler } from '@ccgame/rpc';
import { type RpcApp, startRpcApp } from '../libs/rpc/test/rpc-app.js';
import { PushService } from '@ccgame/sessions';
import { GUEST_OPTIONS, GuestAccounts } from '@ccgame/accounts';
import { StoredRecords } from '@ccgame/jetstream';
import { Delivery } from '@ccgame/sessions';
import type { FeedSink } from '@ccgame/sessions';
import { openProcess, until } from '../libs/sessions/test/process.js';
import { storage } from '../game/src/storage.js';
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
    const { streams } = await jetstreamManager(await server.as('operator'));
    for (const { config } of storage) await streams.add(config);
    backEnd = await openProcess('matching-1', server.addressOf('matching'));
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
        reply: `rpc.any.matching.1_0_0000.${take.handler}`,
      });
      // It does arrive: permissions alone would not do.
      for await (const message of heard) expect(message.string()).toBe('{}');
      const http = await start('http');
      expect(await http.rpc.doRPC({ handler: take, version: '1.0.0000' }, undefined)).toBe('taken');
      expect(taken).toBe(1);
      taken = 0;
    },
  );

  it('makes no record: who reads by key refuses it and says so, and the next write takes its place', async () => {
    const identity = { serverId: 'http-2', serverType: 'http', version: '1.0.0000' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: server.addressOf('http') })],
      providers: [
        StoredRecords,
        GuestAccounts,
        { provide: GUEST_OPTIONS, useValue: { forgottenAfterSeconds: 3_600 } },
      ],
    };
    const http = await NestFactory.createApplicationContext(root, { logger: false });
    const logged: Record<string, unknown>[] = [];
    const silent = (): void => undefined;
    Logger.overrideLogger({ log: silent, warn: silent, error: (line: object) => logged.push({ ...line }) });
    const guests = http.get(GuestAccounts);
    const connector = await server.as('connector');
    const manager = await jetstreamManager(await server.as('operator'));
    const given = headers();
    given.set('Nats-Expected-Last-Subject-Sequence', '0');
    await connector.request('push.u.$mark.thief', 'victim', { headers: given, timeout: 2000 });
    const last = { last_by_subj: 'push.u.$mark.thief' };
    // The third is answered with what ends a batch, too.
    for (const request of [last, { ...last, no_hdr: true }, { multi_last: [last.last_by_subj], batch: 1 }]) {
      const device = JSON.stringify(request);
      const subject = `$KV.guests.${createHash('sha256').update(device).digest('hex')}`;
      connector.publish('$JS.API.DIRECT.GET.PUSH', device, { reply: subject });
      const filter = { subjects_filter: subject };
      while (!(await manager.streams.info('KV_guests', filter)).state.subjects?.[subject])
        await connector.flush();
      const player = await guests.playerOf(device);
      expect(player).toMatch(/^p[0-9a-f]{20}$/);
      expect(await guests.playerOf(device)).toBe(player);
      expect(logged).toContainEqual(expect.objectContaining({ event: 'storage.not-written', subject }));
    }
    Logger.overrideLogger(false);
    await http.close();
  });

  it('empties no bucket: none takes a message that, read and sent on, would be a rollup', async () => {
    const connector = await server.as('connector');
    const given = headers();
    given.set('Nats-Rollup', 'all');
    for (const subject of [
      'push.u.$mark.empty',
      '$KV.sessions.empty',
      '$KV.groups.$probe',
      '$KV.once.$probe',
    ]) {
      const answer = await connector.request(subject, '{}', { headers: given, timeout: 2000 });
      expect(answer.json()).toMatchObject({ error: { description: expect.stringContaining('rollup') } });
    }
  });

  it('brings nothing to a player: no push that was not pushed to that player, and no volatile one', async () => {
    const told: unknown[] = [];
    const sink: FeedSink = {
      beginFeed: () => {},
      pushOfTopic: (json) => void told.push(JSON.parse(json)),
      pushMessage: (body) => void told.push(JSON.parse(new TextDecoder().decode(body))),
      noteDelivered: () => {},
      untilRead: () => undefined,
      closeSlowConsumer: () => {},
    };
    const process = await openProcess('connector-1', server.addressOf('connector'), [Delivery]);
    const delivery = process.get(Delivery);
    await delivery.start();
    const { position } = await delivery.openFeed('anna', sink).open();

    const connector = await server.as('connector');
    const forged = JSON.stringify({ route: 'forged' });
    // JetStream's headers come behind all that it is stored with itself.
    for (const [place, subject] of ['', 'push.u.anna.forged'].entries()) {
      const given = headers();
      for (const header of ['Push-Volatile', 'Push-Stored']) given.set(header, '1');
      given.append('Nats-Subject', subject);
      given.append('Nats-Sequence', '9000000000000000');
      const source = `push.u.$mark.forged${place}`;
      await connector.request(source, forged, { headers: given, timeout: 2000 });
      for (const no_hdr of [true, false]) {
        const request = JSON.stringify({ last_by_subj: source, no_hdr });
        for (const reply of ['deliver.u.anna', `push.u.anna.${place}${no_hdr}`])
          connector.publish('$JS.API.DIRECT.GET.PUSH', request, { reply });
      }
    }
    const { streams } = await jetstreamManager(await server.as('operator'));
    const filter = { subjects_filter: 'push.u.anna.*' };
    const stored = async (): Promise<number> =>
      Object.keys((await streams.info('PUSH', filter)).state.subjects ?? {}).length;
    while ((await stored()) < 4) await connector.flush();

    const push = backEnd.get(PushService);
    await push.toPlayer('anna', 'volatile', 1, { volatile: true });
    await push.toPlayer('anna', 'stored', 2);
    await until(() => told.length >= 2);
    expect(told).toEqual([
      { route: 'volatile', data: 1 },
      { route: 'stored', data: 2 },
    ]);
    const replayed = await delivery.replay('anna', position);
    expect(replayed).toMatchObject({ messages: [{ data: expect.anything() }] });
    await process.close();
  });
});
