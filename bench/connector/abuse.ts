import { tokenOf } from '@ccgame/testing';
import { LightClient } from './light-client.js';
import { frame } from './light-socket.js';
import { quantile, sleep } from './statistics.js';

const playerCount = 20;
const askEveryMs = 25;
/** An abuser who is not let in tries again so soon. */
const tryAgainMs = 50;
const message = (timestamp: number) =>
  `{"route":"bench.echo","data":{"text":"x","number":7},"timestamp":${timestamp}}`;
/** Made once: an abuser's own work must not be what the others feel. */
const burst = Buffer.concat(
  Array.from({ length: 10_000 }, (_, index) => frame(`42["Request",${message(index)}]`)),
);

export interface Abuse {
  calmMs: number;
  abusedMs: number;
  bursts: number;
}

/** How long honest players wait for an answer, p99 in ms: in the calm, and while another sends a burst and comes back for more. */
export async function abuse(url: string, turn: number, durationMs: number): Promise<Abuse> {
  const latencies: number[] = [];
  const players = await Promise.all(
    Array.from({ length: playerCount }, (_, index) => honest(url, index, latencies)),
  );
  await sleep(500);
  latencies.length = 0;
  await sleep(durationMs);
  const calmMs = quantile(latencies.splice(0), 0.99);
  const endsAt = performance.now() + durationMs;
  // Another one in each turn: the last one is not let in yet.
  const bursts = await abuser(url, `abuser${turn}`, endsAt);
  const abusedMs = quantile(latencies, 0.99);
  for (const leave of players) leave();
  return { calmMs, abusedMs, bursts };
}

/** Asks at a steady pace. Returns what ends that. */
export async function honest(url: string, index: number, latencies: number[]): Promise<() => void> {
  const client = await new LightClient({ url, auth: { token: tokenOf(`honest${index}`) } }).open();
  const sentAt = new Map<number, number>();
  let counter = 0;
  client.onResponse = (timestamp) => {
    latencies.push(performance.now() - (sentAt.get(timestamp) ?? 0));
    sentAt.delete(timestamp);
  };
  const timer = setInterval(() => {
    const timestamp = ++counter;
    sentAt.set(timestamp, performance.now());
    client.request(message(timestamp));
  }, askEveryMs);
  return () => {
    clearInterval(timer);
    client.close();
  };
}

/** Sends a burst, is thrown out, and tries to come back. Returns how many it could send. */
async function abuser(url: string, playerId: string, endsAt: number): Promise<number> {
  const auth = { token: tokenOf(playerId) };
  let bursts = 0;
  while (performance.now() < endsAt) {
    const client = new LightClient({ url, auth });
    try {
      await client.open();
      client.burst(burst);
      bursts += 1;
      await client.closed;
    } catch {
      client.close();
      await sleep(tryAgainMs);
    }
  }
  return bursts;
}
