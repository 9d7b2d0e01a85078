// npm run bench:connector:against -- ../before [--rounds 15 --seconds 1 --loads 5x1,50x4,500x1]
import 'reflect-metadata';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type GameNats, preciseCpuSeconds, startGameNats } from '@ccgame/testing';
import { forward, tokensOf } from './forwarding.js';
import { Setup } from './setup.js';
import { median, quantile, round } from './statistics.js';

/**
 * One forwarded request in this tree and in another, such as the commit before, in turn: the CPU of each process for it. Each has servers
 * and a NATS of its own; while one works the others are idle. The ratios count.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '1' },
    /** Connections, and how many requests each has under way. */
    loads: { type: 'string', default: '5x1,50x4,500x1' },
  },
});
const [before] = positionals;
if (before === undefined) throw new Error('Name the folder of a tree that is built: … -- ../before');

const warmUpMs = 5_000;

/** The CPU of one request, µs. */
interface Costs {
  connector: number;
  backEnd: number;
  nats: number;
  all: number;
}

interface Side {
  nats: GameNats;
  setup: Setup;
  url: string;
  pids: { connector: number; backEnd: number; nats: number };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function startSide(tree: string): Promise<Side> {
  const nats = await startGameNats();
  const setup = new Setup(nats, tree);
  const { url, pid } = await setup.connector();
  const backEnd = await setup.echo();
  return { nats, setup, url, pids: { connector: pid, backEnd, nats: nats.pid ?? 0 } };
}

async function measureCosts(side: Side, connections: number, depth: number): Promise<Costs> {
  const auths = tokensOf(connections);
  const usage = () => ({
    connector: preciseCpuSeconds(side.pids.connector),
    backEnd: preciseCpuSeconds(side.pids.backEnd),
    nats: preciseCpuSeconds(side.pids.nats),
  });
  let from = usage();
  let to = from;
  const { count, failed } = await forward(side.url, auths, depth, Number(values.seconds) * 1_000, {
    begun: () => (from = usage()),
    ended: () => (to = usage()),
  });
  if (failed > 0) throw new Error(`${failed} requests failed`);
  const microseconds = (of: keyof Side['pids']) => ((to[of] - from[of]) * 1e6) / count;
  const [connector, backEnd, nats] = [
    microseconds('connector'),
    microseconds('backEnd'),
    microseconds('nats'),
  ];
  return { connector, backEnd, nats, all: connector + backEnd + nats };
}

async function compare(sides: { before: Side; now: Side }, load: string): Promise<void> {
  const [connections = 1, depth = 1] = load.split('x').map(Number);
  const rounds: { before: Costs; now: Costs }[] = [];
  for (let turn = 0; turn < Number(values.rounds); turn += 1) {
    rounds.push({
      before: await measureCosts(sides.before, connections, depth),
      now: await measureCosts(sides.now, connections, depth),
    });
  }
  const of = (field: keyof Costs) => ({
    before: round(median(rounds.map((one) => one.before[field])), 1),
    now: round(median(rounds.map((one) => one.now[field])), 1),
    ratio: round(median(rounds.map((one) => one.now[field] / one.before[field])), 3),
    least: round(least(rounds, 'now', field) / least(rounds, 'before', field), 3),
  });
  const fields = ['connector', 'backEnd', 'nats', 'all'] as const;
  say(JSON.stringify({ load, ...Object.fromEntries(fields.map((field) => [field, of(field)])) }));
}

/** The border of the lowest quarter: other work on the machine disturbed the quickest rounds least. */
function least(rounds: { before: Costs; now: Costs }[], side: 'before' | 'now', field: keyof Costs): number {
  return quantile(
    rounds.map((one) => one[side][field]),
    0.25,
  );
}

const sides = { before: await startSide(resolve(before)), now: await startSide(process.cwd()) };
try {
  // Compiled by V8 before it counts.
  for (const { url } of Object.values(sides)) await forward(url, tokensOf(50), 4, warmUpMs);
  for (const load of values.loads.split(',')) await compare(sides, load);
} finally {
  for (const side of Object.values(sides)) {
    await side.setup.stop();
    await side.nats.destroy();
  }
}
process.exit();
