import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NATS_CONNECTION, RpcModule } from '#rpc';
import { Delivery, type PushService, SessionsModule } from '#sessions';

/** Each has one push under way at a time. */
const playerCount = 4_000;

/** A back end that pushes. */
export async function openPublisher(natsAddress: string): Promise<INestApplicationContext> {
  const identity = { serverId: 'publisher-0', serverType: 'publisher', version: '1.0.0000' };
  const root = {
    module: class {},
    imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule],
    providers: [Delivery],
  };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

/** Makes the push log before any server does, in memory, as an operator may. */
export async function keepLogInMemory(natsAddress: string): Promise<void> {
  const publisher = await openPublisher(natsAddress);
  const { streams } = await jetstreamManager(publisher.get<NatsConnection>(NATS_CONNECTION));
  const { config } = await streams.info('PUSH');
  await streams.delete('PUSH');
  await streams.add({ ...config, storage: StorageType.Memory });
  await publisher.close();
}

/** Messages a second from a publisher to a subscriber: core NATS, and reliable pushes to as many players. */
export async function pushRates(
  natsAddress: string,
  push: PushService,
  count: number,
): Promise<{ core: number; reliable: number }> {
  const sender = await connect({ servers: natsAddress });
  const receiver = await connect({ servers: natsAddress });
  const body = JSON.stringify({ route: 'tick', data: { text: 'x'.repeat(64) } });
  const core = await timed(receiver, 'core.u.*', count, async () => {
    for (let sent = 0; sent < count; sent += 1) {
      sender.publish(`core.u.p${sent % 1000}`, body);
      if (sent % 1000 === 999) await sender.flush();
    }
  });
  const reliable = await timed(receiver, 'deliver.u.*', count, async () => {
    const perPlayer = Array.from({ length: count / playerCount });
    const players = Array.from({ length: playerCount }, (_, index) => `p${index}`);
    const data = { text: 'x'.repeat(64) };
    await Promise.all(
      players.map(async (player) => {
        for (const _ of perPlayer) await push.toPlayer(player, 'tick', data);
      }),
    );
  });
  await Promise.all([sender.close(), receiver.close()]);
  return { core, reliable };
}

async function timed(
  receiver: Awaited<ReturnType<typeof connect>>,
  subject: string,
  count: number,
  send: () => Promise<void>,
): Promise<number> {
  let received = 0;
  const done = new Promise<void>((resolve) => {
    receiver.subscribe(subject, {
      callback: () => {
        received += 1;
        if (received === count) resolve();
      },
    });
  });
  await receiver.flush();
  const startedAt = performance.now();
  await Promise.all([send(), done]);
  return count / ((performance.now() - startedAt) / 1000);
}
