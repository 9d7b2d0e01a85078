import { cpuSeconds, rssMb } from '@ccgame/testing';
import { LightClient } from './light-client.js';

const atOnce = 256;
/** Until the garbage of the handshakes is gone. */
const idleMs = 10_000;
/** Then it is seen what players cost who do nothing: a few rounds of pings. */
const countMs = 8_000;

export interface Storm {
  perSecond: number;
  refused: number;
  rssKbPerSession: number;
  /** Share of one core, while all are idle. */
  idleCores: number;
}

/** Opens that many players as fast as they come in, and weighs the server before and after. */
export async function storm(url: string, pid: number, auths: object[]): Promise<Storm> {
  const beforeMb = rssMb(pid);
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
  const rssKbPerSession = ((rssMb(pid) - beforeMb) * 1024) / auths.length;
  const idleCores = await coresOf(pid);
  for (const client of clients) client.close();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return { perSecond, refused, rssKbPerSession, idleCores };
}

async function coresOf(pid: number): Promise<number> {
  const before = { at: performance.now(), seconds: cpuSeconds(pid) };
  await new Promise((resolve) => setTimeout(resolve, countMs));
  return (cpuSeconds(pid) - before.seconds) / ((performance.now() - before.at) / 1_000);
}
