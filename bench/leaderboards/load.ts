import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '@ccgame/testing';

export interface Load {
  players: number;
  seconds: number;
  writesPerSecond: number;
  readsPerSecond: number;
}

export interface Times {
  p50: number;
  p99: number;
  most: number;
  count: number;
}

export interface Figures {
  /** How long each question took, ms. */
  readMs: Record<Question, Times>;
  /** The median over the seconds of each second's p99, of all questions: a busy machine spoils some seconds, and not this. */
  medianSecondMs: number;
  /** While it was measured, in shares of one core, by process. */
  cores: Record<string, number>;
  writes: number;
  /** Until the server answers after its start, ms. */
  loadMs: number;
  /** Memory of the serving process. */
  bytesPerPlayer: number;
}

export type Question = 'top' | 'around' | 'rank';

const questions: Question[] = ['top', 'around', 'rank'];
/** So long nothing is measured: code and caches are warm then. */
const warmUpMs = 8_000;
const tickMs = 10;

export const randomPlayer = (load: Load): string => `player-${Math.floor(Math.random() * load.players)}`;

/** Asks and writes at a steady rate, whether or not answers are late, and times each answer. */
export async function run(
  load: Load,
  write: (player: string) => Promise<unknown>,
  ask: (question: Question, player: string) => Promise<unknown>,
  pids: Record<string, number>,
): Promise<Pick<Figures, 'readMs' | 'medianSecondMs' | 'writes' | 'cores'>> {
  const startedAt = performance.now();
  const endsAt = startedAt + warmUpMs + load.seconds * 1_000;
  const times: Record<Question, number[]> = { top: [], around: [], rank: [] };
  const bySecond = new Map<number, number[]>();
  const all: Promise<unknown>[] = [];
  let asked = 0;
  let written = 0;
  const time = async (question: Question): Promise<void> => {
    const sentAt = performance.now();
    await ask(question, randomPlayer(load));
    if (sentAt < startedAt + warmUpMs) return;
    const tookMs = performance.now() - sentAt;
    times[question].push(tookMs);
    const second = Math.floor((sentAt - startedAt) / 1_000);
    bySecond.set(second, [...(bySecond.get(second) ?? []), tookMs]);
  };
  let usage: { at: number; seconds: number[] } | undefined;
  for (let now = startedAt; now < endsAt; now = performance.now()) {
    const seconds = (now - startedAt) / 1_000;
    for (; written < seconds * load.writesPerSecond; written++) all.push(write(randomPlayer(load)));
    for (; asked < seconds * load.readsPerSecond; asked++)
      all.push(time(questions[asked % questions.length]));
    if (now > startedAt + warmUpMs) usage ??= { at: now, seconds: Object.values(pids).map(cpuSeconds) };
    await sleep(tickMs);
  }
  const seconds = (performance.now() - (usage?.at ?? startedAt)) / 1_000;
  const cores = Object.entries(pids).map(([name, pid], index) => {
    const share = (cpuSeconds(pid) - (usage?.seconds[index] ?? 0)) / seconds;
    return [name, Number(share.toFixed(2))] as const;
  });
  await Promise.all(all);
  const readMs = {
    top: percentiles(times.top),
    around: percentiles(times.around),
    rank: percentiles(times.rank),
  };
  const worst = [...bySecond.values()].map((one) => percentiles(one).p99);
  const medianSecondMs = percentiles(worst).p50;
  return { readMs, medianSecondMs, cores: Object.fromEntries(cores), writes: written };
}

function percentiles(times: number[]): Times {
  const sorted = times.sort((one, other) => one - other);
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), most: at(0.999_999), count: sorted.length };
}
