import { readFileSync } from 'node:fs';
import { LightClient } from './light-client.js';

const atOnce = 256;
/** Until the garbage of the handshakes is gone. */
const idleMs = 10_000;

export interface Storm {
  perSecond: number;
  refused: number;
  rssKbPerSession: number;
}

/** Opens that many players as fast as they come in, and weighs the server before and after. */
export async function storm(url: string, pid: number, auths: object[]): Promise<Storm> {
  const before = rssKb(pid);
  const clients: LightClient[] = [];
  const waiting = [...auths];
  let refused = 0;
  const startedAt = performance.now();
  const open = async () => {
    for (let auth = waiting.pop(); auth; auth = waiting.pop()) {
      const client = new LightClient({ url, auth });
      clients.push(client);
      await client.open().catch(() => (refused += 1));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  const perSecond = auths.length / ((performance.now() - startedAt) / 1000);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const rssKbPerSession = (rssKb(pid) - before) / auths.length;
  for (const client of clients) client.close();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return { perSecond, refused, rssKbPerSession };
}

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
