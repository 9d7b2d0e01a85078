import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cpuSeconds, type FloodKind, floodKinds, rssMb, tokenOf } from '@ccgame/testing';
import { honest } from './abuse.js';
import { LightClient } from './light-client.js';
import { quantile, round, sleep } from './statistics.js';

const connections = 20;
const playerCount = 5;
/** Another player comes so often while the flood lasts. */
const comesEveryMs = 200;

/** The effect of one flood on the others. */
export interface Flooded {
  kind: FloodKind;
  p99CalmMs: number;
  p99FloodedMs: number;
  /** The connector's share of a core. */
  cpuCalm: number;
  cpuFlooded: number;
  handshakes: string;
  grownMb: number;
  /** The flooders' success: connections opened, MB that the network took. */
  opened: number;
  sentMb: number;
}

/** @param seconds of the calm, and of each flood */
export async function floods(url: string, pid: number, seconds: number): Promise<Flooded[]> {
  const latencies: number[] = [];
  const players = await Promise.all(
    Array.from({ length: playerCount }, (_, index) => honest(url, index, latencies)),
  );
  await sleep(500);
  const results: Flooded[] = [];
  for (const kind of floodKinds) results.push(await flooded(url, pid, kind, seconds, latencies));
  for (const leave of players) leave();
  return results;
}

async function flooded(
  url: string,
  pid: number,
  kind: FloodKind,
  seconds: number,
  latencies: number[],
): Promise<Flooded> {
  const calm = await measure(pid, seconds, latencies);
  const child = fork(join(process.cwd(), 'dist/bench/connector/flood.js'), [
    new URL(url).port,
    kind,
    String(connections),
  ]);
  await once(child, 'message');
  const rssBefore = rssMb(pid);
  const comers = comeAndGo(url, kind, seconds);
  const during = await measure(pid, seconds, latencies);
  const { good, all } = await comers;
  child.send('stop');
  const [flood] = (await once(child, 'message')) as [{ opened: number; sentMb: number }];
  return {
    kind,
    p99CalmMs: round(calm.p99, 1),
    p99FloodedMs: round(during.p99, 1),
    cpuCalm: round(calm.cpu, 2),
    cpuFlooded: round(during.cpu, 2),
    handshakes: `${good}/${all}`,
    grownMb: round(rssMb(pid) - rssBefore),
    opened: flood.opened,
    sentMb: round(flood.sentMb),
  };
}

async function measure(
  pid: number,
  seconds: number,
  latencies: number[],
): Promise<{ p99: number; cpu: number }> {
  latencies.length = 0;
  const before = cpuSeconds(pid);
  await sleep(seconds * 1000);
  return { p99: quantile(latencies.splice(0), 0.99), cpu: (cpuSeconds(pid) - before) / seconds };
}

async function comeAndGo(url: string, kind: string, seconds: number): Promise<{ good: number; all: number }> {
  const endsAt = performance.now() + seconds * 1000;
  const tries: Promise<boolean>[] = [];
  while (performance.now() < endsAt) {
    const client = new LightClient({ url, auth: { token: tokenOf(`comer-${kind}-${tries.length}`) } });
    tries.push(
      client.open().then(
        () => (client.close(), true),
        () => false,
      ),
    );
    await sleep(comesEveryMs);
  }
  const results = await Promise.all(tries);
  return { good: results.filter(Boolean).length, all: results.length };
}
