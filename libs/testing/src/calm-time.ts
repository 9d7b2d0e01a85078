import { readFileSync } from 'node:fs';

/**
 * A stopwatch that stands still while something on this machine waits for a core: a bound of it says how quick the code is, and
 * not how busy the machine.
 *
 * Linux tells that time (`/proc/pressure/cpu`, the line "some"); where it isn't told, this is a plain stopwatch.
 *
 * @returns ms since the call
 */
export function calmTime(): () => number {
  const [since, waitedBefore] = [performance.now(), waitedMs()];
  return () => Math.max(performance.now() - since - (waitedMs() - waitedBefore), 0);
}

function waitedMs(): number {
  try {
    const [, total = '0'] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return Number(total) / 1_000;
  } catch {
    return 0;
  }
}
