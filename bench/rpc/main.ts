// npm run bench:rpc [-- --rounds 15 --ms 1000 --only raw,ccgame --in-flight 64 --profile folder]
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { preciseCpuSeconds, startNats } from '@ccgame/testing';
import { chosenNames, isSame } from '../../proof/chosen-names.js';
import type { RoundResult } from './driver.js';

const contenders = ['raw', 'stock', 'ccgame', 'moleculer', 'untraced'] as const;
type Contender = (typeof contenders)[number];
const byDefault = contenders.filter((name) => name !== 'untraced').join();

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '800' },
    'in-flight': { type: 'string', default: '1,64,256' },
    profile: { type: 'string' },
    only: { type: 'string', default: byDefault },
  },
});
const rounds = Number(values.rounds);
const ms = Number(values.ms);
const inFlights = values['in-flight'].split(',').map(Number);
const names = chosenNames(contenders, values.only.split(','), isSame);
const chosen = contenders.filter((name) => names.includes(name));

function start(name: Contender, role: 'server' | 'client', address: string): Promise<ChildProcess> {
  const profile = values.profile && ['--cpu-prof', `--cpu-prof-dir=${values.profile}/${name}-${role}`];
  const child = fork(new URL(`./${name}.js`, import.meta.url), [role, address], { execArgv: profile || [] });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', () => reject(new Error(`The ${role} of ${name} ended`)));
  });
}

/** The two processes of a contender. */
interface Pair {
  server: ChildProcess;
  client: ChildProcess;
}

interface Figures {
  perSecond: number;
  /** The client and the server together take it for a call, µs. A busy machine moves it less than the rate. */
  cpuMicros: number;
}

async function measure({ client, server }: Pair, inFlight: number, forMs: number): Promise<Figures> {
  const used = (): number => [client, server].reduce((sum, { pid = 0 }) => sum + preciseCpuSeconds(pid), 0);
  const before = used();
  const answer = once(client, 'message');
  client.send({ inFlight, ms: forMs });
  const [{ calls, perSecond }] = (await answer) as [RoundResult];
  return { perSecond, cpuMicros: ((used() - before) / calls) * 1e6 };
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const nats = await startNats();
const children: ChildProcess[] = [];
try {
  const pairs = new Map<Contender, Pair>();
  for (const name of chosen) {
    const server = await start(name, 'server', nats.address);
    children.push(server);
    const client = await start(name, 'client', nats.address);
    children.push(client);
    pairs.set(name, { server, client });
  }
  for (const pair of pairs.values()) {
    await measure(pair, 64, 1_000);
  }
  const figures = new Map<string, Figures[]>();
  for (let round = 0; round < rounds; round++) {
    for (const inFlight of inFlights) {
      // Another one begins in each round, so that none always runs after the same neighbour.
      for (const [index] of chosen.entries()) {
        const name = chosen[(index + round) % chosen.length];
        const key = `${name} ${inFlight}`;
        const measured = await measure(pairs.get(name) as Pair, inFlight, ms);
        figures.set(key, [...(figures.get(key) ?? []), measured]);
      }
    }
  }
  const middle = (name: Contender, inFlight: number, of: keyof Figures): number =>
    median((figures.get(`${name} ${inFlight}`) ?? []).map((one) => one[of]));
  report('requests/s', (name, inFlight) => Math.round(middle(name, inFlight, 'perSecond')));
  report('CPU of a call, client and server, µs', (name, inFlight) =>
    Number(middle(name, inFlight, 'cpuMicros').toFixed(1)),
  );
} finally {
  // They end by themselves then, which also writes their profiles.
  await Promise.all(children.filter((child) => child.connected).map(end));
  await nats.destroy();
}

function report(what: string, figure: (name: Contender, inFlight: number) => number): void {
  const row = (cells: unknown[]): string => cells.map((cell) => String(cell).padStart(12)).join('');
  console.log(`${what}, median of ${rounds} rounds of ${ms} ms; in brackets: relative to ${chosen[0]}`);
  console.log(row(['in flight', ...chosen]));
  for (const inFlight of inFlights) {
    const first = figure(chosen[0], inFlight);
    const cells = chosen.map(
      (name) => `${figure(name, inFlight)} (${(figure(name, inFlight) / first).toFixed(2)})`,
    );
    console.log(row([inFlight, ...cells.map((cell) => cell.padStart(14))]));
  }
  const json = inFlights.map((inFlight) => [
    `n${inFlight}`,
    Object.fromEntries(chosen.map((name) => [name, figure(name, inFlight)])),
  ]);
  console.log(JSON.stringify({ bench: 'rpc', what, ...Object.fromEntries(json) }));
}
