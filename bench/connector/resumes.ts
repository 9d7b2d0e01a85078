import type { INestApplicationContext } from '@nestjs/common';
import type { ResumeFrom, SessionOpened } from '@ccgame/protocol';
import { Delivery, PushService } from '@ccgame/sessions';
import { LightClient, type LightPush } from './light-client.js';
import { quantile } from './statistics.js';

/**
 * How long a resume takes when all come at once, each with so many missed pushes, to the last of them; and how long the
 * connector's own reading of all those pushes takes without sockets. In ms.
 */
export async function resumeTimes(
  url: string,
  publisher: INestApplicationContext,
  players: { playerId: string; auth: { token: string } }[],
  missed: number,
): Promise<{ p50: number; p99: number; replay: number; lost: number }> {
  const push = publisher.get(PushService);
  const resumes = await Promise.all(players.map(({ auth }) => leave(url, auth)));
  await Promise.all(
    players.map(async ({ playerId }) => {
      for (let number = 0; number < missed; number += 1) await push.toPlayer(playerId, 'n', number);
    }),
  );
  const replay = await replayTime(publisher.get(Delivery), players, resumes);
  let lost = 0;
  const clients: LightClient[] = [];
  const times = await Promise.all(
    players.map(({ auth }, index) => {
      return resumeOnce(url, { ...auth, resume: resumes[index] }, missed, clients).catch(() => {
        lost += 1;
        return 60_000;
      });
    }),
  );
  for (const client of clients) client.close();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), replay, lost };
}

async function replayTime(
  delivery: Delivery,
  players: { playerId: string }[],
  resumes: ResumeFrom[],
): Promise<number> {
  await delivery.start();
  const startedAt = performance.now();
  const read = players.map(({ playerId }, index) => delivery.replay(playerId, resumes[index].position));
  for (const result of await Promise.all(read)) {
    if ('notRecovered' in result) throw new Error(`A replay failed: ${result.notRecovered}`);
  }
  return performance.now() - startedAt;
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

/** Stays connected: the others' resumes must not wait for its leaving. */
function resumeOnce(url: string, auth: object, missed: number, clients: LightClient[]): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    let next = 0;
    const onPush = ({ route, data }: LightPush) => {
      if (route === 'session.opened' && !(data as SessionOpened).recovered)
        reject(new Error('not recovered'));
      if (route !== 'n') return;
      if (data !== next) reject(new Error(`got ${String(data)} instead of ${next}`));
      next += 1;
      if (next === missed) resolve(performance.now() - startedAt);
    };
    const client = new LightClient({ url, auth: { ...auth, protocol: 1 }, onPush });
    clients.push(client);
    client.open().catch(reject);
  });
}
