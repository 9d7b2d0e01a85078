import { median, quantile, round } from '../connector/statistics.js';
import type { Bed } from './bed.js';

/** A run of calls, so many of which were under way at a time. */
export interface Figures {
  made: number;
  perSecond: number;
  ms: { p50: number; p99: number };
  /** CPU a call, µs. */
  cpuUs: ReturnType<Bed['cpuMs']>;
}

export interface Load {
  inFlight: number;
  /** Ends after so many calls, or after so long. */
  most: number;
  forMs: number;
}

export async function makeCalls(
  bed: Bed,
  { inFlight, most, forMs }: Load,
  call: (index: number) => Promise<unknown>,
): Promise<Figures> {
  const cpuBefore = bed.cpuMs();
  const startedAt = performance.now();
  const delays: number[] = [];
  let made = 0;
  const work = async (): Promise<void> => {
    while (made < most && performance.now() - startedAt < forMs) {
      const calledAt = performance.now();
      await call(made++);
      delays.push(performance.now() - calledAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = bed.cpuMs();
  const usOf = (name: keyof typeof cpu): number => Math.round(((cpu[name] - cpuBefore[name]) * 1_000) / made);
  return {
    made,
    perSecond: Math.round(made / seconds),
    ms: { p50: round(quantile(delays, 0.5), 1), p99: round(quantile(delays, 0.99), 1) },
    cpuUs: { caller: usOf('caller'), server: usOf('server'), nats: usOf('nats') },
  };
}

/** The median of each figure. */
export function medianOf(runs: Figures[]): Figures {
  const of = (pick: (one: Figures) => number): number => median(runs.map(pick));
  return {
    made: of(({ made }) => made),
    perSecond: of(({ perSecond }) => perSecond),
    ms: { p50: of(({ ms }) => ms.p50), p99: of(({ ms }) => ms.p99) },
    cpuUs: {
      caller: of(({ cpuUs }) => cpuUs.caller),
      server: of(({ cpuUs }) => cpuUs.server),
      nats: of(({ cpuUs }) => cpuUs.nats),
    },
  };
}
