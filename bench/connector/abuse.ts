import { tokenOf } from '#testing';
import { LightClient } from './light-client.js';
import { quantile } from './statistics.js';

const playerCount = 20;
const abuserCount = 5;
const burst = 10_000;
const askEveryMs = 50;
const message = (timestamp: number) =>
  JSON.stringify({ route: 'bench.echo', data: { text: 'x', number: 7 }, timestamp });

/** How long honest players wait for an answer, p99 in ms: in the calm, and while others send bursts and come back for more. */
export async function abuse(url: string, durationMs: number): Promise<{ calmMs: number; abusedMs: number }> {
  const latencies: number[] = [];
  const players = await Promise.all(
    Array.from({ length: playerCount }, (_, index) => honest(url, index, latencies)),
  );
  await sleep(durationMs);
  const calmMs = quantile(latencies.splice(0), 0.99);
  const endsAt = performance.now() + durationMs;
  await Promise.all(Array.from({ length: abuserCount }, (_, index) => abuser(url, index, endsAt)));
  const abusedMs = quantile(latencies, 0.99);
  for (const leave of players) leave();
  return { calmMs, abusedMs };
}

/** Asks at a steady pace. Returns what ends that. */
async function honest(url: string, index: number, latencies: number[]): Promise<() => void> {
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

/** Sends a burst, is thrown out, and comes back at once. */
async function abuser(url: string, index: number, endsAt: number): Promise<void> {
  while (performance.now() < endsAt) {
    const client = await new LightClient({ url, auth: { token: tokenOf(`abuser${index}`) } }).open();
    for (let timestamp = 0; timestamp < burst; timestamp += 1) client.request(message(timestamp));
    await client.closed;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
