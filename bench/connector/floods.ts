import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type FloodKind, floodKinds, preciseCpuSeconds, rssMb, tokenOf } from '@ccgame/testing';
import { honest } from './abuse.js';
import { LightClient } from './light-client.js';
import { median, quantile, round, sleep } from './statistics.js';

const connections = 20;
const playerCount = 5;
/**
 * The calm and the flood take turns of so many seconds, so that other work of the machine falls on both. In the calm as many come as in the
 * flood, and are silent: twenty handshakes at once are felt, and are no flood. Plain HTTP has no handshake: see flood.ts.
 */
const windowSeconds = 0.5;
/** Another player comes so often. */
const comesEveryMs = 200;

/** The effect of one flood on the others. */
export interface Flooded {
  kind: FloodKind;
  p99CalmMs: number;
  p99FloodedMs: number;
  ratio: number;
  /** The connector's share of a core. */
  cpuCalm: number;
  cpuFlooded: number;
  /** Good ones of those who came in the flood, and all. */
  handshakes: string;
  grownMb: number;
  /** The flooders' success: connections opened, MB that the network took. */
  opened: number;
  sentMb: number;
}

/** @param seconds of the calm, and of each flood, in turns */
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
  const { port } = new URL(url);
  const child = fork(join(process.cwd(), 'dist/bench/connector/flood.js'), [
    port,
    kind,
    String(connections),
    'resting',
  ]);
  await once(child, 'message');
  const rssBefore = rssMb(pid);
  const [calm, during] = [new Felt(), new Felt()];
  const comers = { good: 0, all: 0 };
  let flood = { opened: 0, sentMb: 0 };
  for (let window = 0; window < (2 * seconds) / windowSeconds; window += 1) {
    const isFlood = window % 2 === 1;
    child.send(isFlood ? 'flood' : 'visit');
    const coming = comeAndGo(url, `${kind}-${window}`);
    (isFlood ? during : calm).add(await measure(pid, latencies));
    const { good, all } = await coming;
    if (isFlood) {
      comers.good += good;
      comers.all += all;
    }
    child.send('rest');
    [flood] = (await once(child, 'message')) as [typeof flood];
  }
  child.kill();
  return {
    kind,
    p99CalmMs: round(calm.p99, 1),
    p99FloodedMs: round(during.p99, 1),
    ratio: round(during.p99 / calm.p99, 2),
    cpuCalm: round(calm.cpu, 2),
    cpuFlooded: round(during.cpu, 2),
    handshakes: `${comers.good}/${comers.all}`,
    grownMb: round(rssMb(pid) - rssBefore),
    opened: flood.opened,
    sentMb: round(flood.sentMb),
  };
}

/** All windows of the calm, or of a flood. */
class Felt {
  private readonly latencies: number[] = [];
  private readonly shares: number[] = [];

  add({ latencies, cpu }: { latencies: number[]; cpu: number }): void {
    this.latencies.push(...latencies);
    this.shares.push(cpu);
  }

  get p99(): number {
    return quantile(this.latencies, 0.99);
  }

  get cpu(): number {
    return median(this.shares);
  }
}

async function measure(pid: number, latencies: number[]): Promise<{ latencies: number[]; cpu: number }> {
  latencies.length = 0;
  const [before, since] = [preciseCpuSeconds(pid), performance.now()];
  await sleep(windowSeconds * 1000);
  const cpu = (preciseCpuSeconds(pid) - before) / ((performance.now() - since) / 1000);
  return { latencies: latencies.splice(0), cpu };
}

async function comeAndGo(url: string, name: string): Promise<{ good: number; all: number }> {
  const endsAt = performance.now() + windowSeconds * 1000;
  const tries: Promise<boolean>[] = [];
  while (performance.now() < endsAt) {
    const client = new LightClient({ url, auth: { token: tokenOf(`comer-${name}-${tries.length}`) } });
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
