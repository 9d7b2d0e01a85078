import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connect } from '@nats-io/transport-node';
import { RpcModule } from '#rpc';
import type { ResumeFrom, SessionOpened } from '#contracts';
import { type PushService, SessionsModule } from '#sessions';
import { LightClient, type LightPush } from './light-client.js';
import { quantile } from './statistics.js';

/** A back end that pushes. */
export async function openPublisher(natsAddress: string): Promise<INestApplicationContext> {
  const identity = { serverId: 'publisher-0', serverType: 'publisher', version: '1.0.0000' };
  const root = { module: class {}, imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule] };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
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
    const perPlayer = Array.from({ length: count / 1000 });
    const players = Array.from({ length: 1000 }, (_, index) => `p${index}`);
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

/** How long a resume takes when all come at once, each with so many missed pushes: to the last of them, ms. */
export async function resumeTimes(
  url: string,
  push: PushService,
  players: { playerId: string; auth: { token: string } }[],
  missed: number,
): Promise<{ p50: number; p99: number; lost: number }> {
  const resumes = await Promise.all(players.map(({ auth }) => leave(url, auth)));
  await Promise.all(
    players.map(async ({ playerId }) => {
      for (let number = 0; number < missed; number += 1) await push.toPlayer(playerId, 'n', number);
    }),
  );
  let lost = 0;
  const times = await Promise.all(
    players.map(({ auth }, index) => {
      return resumeOnce(url, { ...auth, resume: resumes[index] }, missed).catch(() => {
        lost += 1;
        return 60_000;
      });
    }),
  );
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), lost };
}

async function leave(url: string, auth: object): Promise<ResumeFrom> {
  let client: LightClient | undefined;
  const { session, position } = await new Promise<SessionOpened>((resolve, reject) => {
    const onPush = ({ route, data }: LightPush) => {
      if (route === 'session.opened') resolve(data as SessionOpened);
    };
    client = new LightClient({ url, auth: { ...auth, protocol: 1 }, onPush });
    client.open().catch(reject);
  });
  client?.close();
  return { session, position };
}

function resumeOnce(url: string, auth: object, missed: number): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    let next = 0;
    const onPush = ({ route, data }: LightPush) => {
      if (route === 'session.opened' && !(data as SessionOpened).recovered)
        reject(new Error('not recovered'));
      if (route !== 'n') return;
      if (data !== next) reject(new Error(`got ${String(data)} instead of ${next}`));
      next += 1;
      if (next < missed) return;
      client.close();
      resolve(performance.now() - startedAt);
    };
    const client = new LightClient({ url, auth: { ...auth, protocol: 1 }, onPush });
    client.open().catch(reject);
  });
}
