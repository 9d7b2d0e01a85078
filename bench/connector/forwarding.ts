import { tokenOf } from '@ccgame/testing';
import { LightClient } from './light-client.js';
import { quantile } from './statistics.js';

export interface Forwarded {
  perSecond: number;
  count: number;
  p99Ms: number;
  failed: number;
}

/** Called at the borders of the time that counts. */
export interface Borders {
  begun(): void;
  ended(): void;
}

/** The handshakes of so many players. */
export function tokensOf(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({ token: tokenOf(`f${index}`) }));
}

const data = { text: 'x'.repeat(64), number: 7 };

/** Opens clients and keeps them all asking for so long, each with `depth` requests under way. */
export async function forward(
  url: string,
  auths: object[],
  depth: number,
  durationMs: number,
  { route = 'bench.echo', begun, ended }: { route?: string } & Partial<Borders> = {},
): Promise<Forwarded> {
  const clients = await Promise.all(auths.map((auth) => new LightClient({ url, auth }).open()));
  const latencies: number[] = [];
  let failed = 0;
  let isOver = false;
  let counter = 0;
  for (const client of clients) {
    const sentAt = new Map<number, number>();
    const ask = () => {
      const timestamp = ++counter;
      sentAt.set(timestamp, performance.now());
      client.request(JSON.stringify({ route, data, timestamp }));
    };
    client.onResponse = (timestamp, isGood) => {
      latencies.push(performance.now() - (sentAt.get(timestamp) ?? 0));
      sentAt.delete(timestamp);
      if (!isGood) failed += 1;
      if (!isOver) ask();
    };
    for (let index = 0; index < depth; index += 1) ask();
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs / 4));
  latencies.length = 0;
  begun?.();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const perSecond = latencies.length / ((performance.now() - startedAt) / 1000);
  const count = latencies.length;
  ended?.();
  const p99Ms = quantile(latencies, 0.99);
  isOver = true;
  for (const client of clients) client.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { perSecond, count, p99Ms, failed };
}
