import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuSeconds } from '@ccgame/testing';
import type { Asked, AskOptions } from './asker.js';
import { type Figures, randomPlayer, spread, warmUpMs } from './load.js';

/** Writes from this process at a steady rate, while another one asks. @param pids whose CPU is told */
export async function run(
  options: AskOptions,
  write: (player: string) => Promise<unknown>,
  pids: Record<string, number>,
): Promise<Pick<Figures, 'readMs' | 'medianSecondMs' | 'writes' | 'cores'>> {
  const { load } = options;
  const asker = fork(fileURLToPath(new URL('asker.js', import.meta.url)));
  const answer = once(asker, 'message');
  const failed = once(asker, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The asker ended with ${code}`);
  });
  asker.send(options);
  const all = { asker: asker.pid ?? 0, writer: process.pid, ...pids };
  const usage = (): number[] => Object.values(all).map(cpuSeconds);
  const before = new Promise<number[]>((resolve) => setTimeout(() => resolve(usage()), warmUpMs));
  const writes: Promise<unknown>[] = [];
  const written = await spread(load.writesPerSecond, warmUpMs + load.seconds * 1_000, () => {
    writes.push(write(randomPlayer(load)));
  });
  const [after, first] = [usage(), await before];
  const shares = Object.keys(all).map((name, index) => {
    const share = ((after[index] ?? 0) - (first[index] ?? 0)) / load.seconds;
    return [name, Number(share.toFixed(2))] as const;
  });
  await Promise.all(writes);
  const [{ readMs, medianSecondMs }] = (await Promise.race([answer, failed.then(() => answer)])) as [Asked];
  return { readMs, medianSecondMs, cores: Object.fromEntries(shares), writes: written };
}
