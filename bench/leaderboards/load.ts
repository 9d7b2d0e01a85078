import { setTimeout as sleep } from 'node:timers/promises';

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

export const questions = ['top', 'around', 'rank'] as const;
export type Question = (typeof questions)[number];

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

/** So long nothing is measured: code and caches are warm then. */
export const warmUpMs = 8_000;

export const randomPlayer = (load: Load): string => `player-${Math.floor(Math.random() * load.players)}`;

/** Calls `act` so often a second, whether or not its answers are late, each time at a random moment of its part of the second. */
export async function spread(
  perSecond: number,
  forMs: number,
  act: (index: number) => void,
): Promise<number> {
  const startedAt = performance.now();
  const count = Math.floor((perSecond * forMs) / 1_000);
  for (let index = 0; index < count; index++) {
    const dueAt = startedAt + ((index + Math.random()) / perSecond) * 1_000;
    const restMs = dueAt - performance.now();
    if (restMs > 0) await sleep(restMs);
    act(index);
  }
  return count;
}

export function percentiles(times: readonly number[]): Times {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), most: at(0.999_999), count: sorted.length };
}
