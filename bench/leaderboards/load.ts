import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Load {
  players: number;
  seconds: number;
  writesPerSecond: number;
  readsPerSecond: number;
}

export interface Figures {
  readMs: { p50: number; p99: number; most: number; count: number };
  writes: number;
  /** Until the server answers after its start, ms. */
  loadMs: number;
  /** Of the serving process's memory. */
  bytesPerPlayer: number;
}

export type Question = 'top' | 'around' | 'rank';

const questions: Question[] = ['top', 'around', 'rank'];
/** So long nothing is measured: code and caches are warm then. */
const warmUpMs = 3_000;
const tickMs = 10;

export const randomPlayer = (load: Load): string => `player-${Math.floor(Math.random() * load.players)}`;

/** Asks and writes at a steady rate, whether or not answers are late, and times each answer. */
export async function run(
  load: Load,
  write: (player: string) => Promise<unknown>,
  ask: (question: Question, player: string) => Promise<unknown>,
): Promise<Pick<Figures, 'readMs' | 'writes'>> {
  const startedAt = performance.now();
  const endsAt = startedAt + warmUpMs + load.seconds * 1_000;
  const times: number[] = [];
  const all: Promise<unknown>[] = [];
  let asked = 0;
  let written = 0;
  const time = async (question: Question): Promise<void> => {
    const sentAt = performance.now();
    await ask(question, randomPlayer(load));
    if (sentAt > startedAt + warmUpMs) times.push(performance.now() - sentAt);
  };
  for (let now = startedAt; now < endsAt; now = performance.now()) {
    const seconds = (now - startedAt) / 1_000;
    for (; written < seconds * load.writesPerSecond; written++) all.push(write(randomPlayer(load)));
    for (; asked < seconds * load.readsPerSecond; asked++)
      all.push(time(questions[asked % questions.length]));
    await sleep(tickMs);
  }
  await Promise.all(all);
  return { readMs: percentiles(times), writes: written };
}

function percentiles(times: number[]): Figures['readMs'] {
  const sorted = times.sort((one, other) => one - other);
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), most: at(0.999_999), count: sorted.length };
}

/** What a process holds in memory, bytes (Linux). */
export function memoryOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
