// npm run bench:connections [-- --sockets 4000 --minutes 2]; bench:connections:node24 runs it on the Node of the image
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { cpuSeconds, rssMb, startNats, tokenOf } from '@ccgame/testing';
import { LightClient } from '../connector/light-client.js';
import { Setup, unlimited } from '../connector/setup.js';
import { round, sleep } from '../connector/statistics.js';

/** The memory and CPU that players cost who are connected and do nothing: in the connector, and in NATS. */
const { values } = parseArgs({
  options: {
    /** By comma: so many first, then more until there are so many, and so on: what each one more costs shows then. */
    sockets: { type: 'string', default: '4000' },
    /** From the last handshake of a number to its weighing; CPU is counted over the second half. */
    minutes: { type: 'string', default: '2' },
    /** Node options of the connector, beside those that it always has. */
    'node-options': { type: 'string', default: '' },
  },
});
const steps = values.sockets.split(',').map(Number);
const idleMs = Number(values.minutes) * 60_000;
const atOnce = 64;
/** A server that has just started still loads and compiles. */
const warmUpMs = 3_000;
/** The memory is looked at so often, to tell whether it still rises. */
const samples = 6;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Usage {
  at: number;
  rssMb: number;
  seconds: number;
}

function usageOf(pid: number): Usage {
  return { at: performance.now(), rssMb: rssMb(pid), seconds: cpuSeconds(pid) };
}

function coresBetween(before: Usage, after: Usage): number {
  return ((after.seconds - before.seconds) * 1_000) / (after.at - before.at);
}

async function openMore(url: string, from: number, to: number): Promise<LightClient[]> {
  const waiting = Array.from({ length: to - from }, (_, index) => ({
    token: tokenOf(`c${from + index}`),
    protocol: 1,
  }));
  const clients: LightClient[] = [];
  const open = async (): Promise<void> => {
    for (let auth = waiting.pop(); auth; auth = waiting.pop()) {
      clients.push(await new LightClient({ url, auth }).open());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  return clients;
}

interface Weight {
  sockets: number;
  connectorMb: number;
  natsMb: number;
}

const nats = await startNats();
const setup = new Setup(nats);
try {
  const { url, pid } = await setup.connector(0, { ...unlimited, NODE_OPTIONS: values['node-options'] });
  const pids = { connector: pid, nats: nats.pid ?? 0 };
  const usages = () => ({ connector: usageOf(pids.connector), nats: usageOf(pids.nats) });
  await sleep(warmUpMs);
  const empty = usages();
  const weights: Weight[] = [];
  let closed = 0;
  const weighAt = async (sockets: number): Promise<void> => {
    const before = weights.at(-1) ?? {
      sockets: 0,
      connectorMb: empty.connector.rssMb,
      natsMb: empty.nats.rssMb,
    };
    for (const client of await openMore(url, before.sockets, sockets))
      void client.closed.then(() => (closed += 1));
    const kbOf = (mb: number, since: number, of = sockets): number => round(((mb - since) * 1024) / of, 1);
    let half = usages();
    let now = half;
    for (let sample = 1; sample <= samples; sample += 1) {
      await sleep(idleMs / samples);
      now = usages();
      if (sample === samples / 2) half = now;
      const seconds = Math.round((idleMs / samples / 1_000) * sample);
      const connectorKb = kbOf(now.connector.rssMb, empty.connector.rssMb);
      say(
        `after ${seconds} s: ${connectorKb} KB a session, NATS ${kbOf(now.nats.rssMb, empty.nats.rssMb)} KB`,
      );
    }
    const more = sockets - before.sockets;
    weights.push({ sockets, connectorMb: now.connector.rssMb, natsMb: now.nats.rssMb });
    const result = {
      bench: 'connections',
      node: process.version,
      sockets,
      idle_seconds: idleMs / 1_000,
      rss_kb_per_session: kbOf(now.connector.rssMb, empty.connector.rssMb),
      nats_kb_per_session: kbOf(now.nats.rssMb, empty.nats.rssMb),
      rss_kb_per_session_more: kbOf(now.connector.rssMb, before.connectorMb, more),
      nats_kb_per_session_more: kbOf(now.nats.rssMb, before.natsMb, more),
      idle_cores: round(coresBetween(half.connector, now.connector), 4),
      nats_idle_cores: round(coresBetween(half.nats, now.nats), 4),
      closed,
    };
    say(JSON.stringify(result));
  };
  for (const sockets of steps) await weighAt(sockets);
} finally {
  await setup.stop();
  await nats.destroy();
}
process.exit();
