const firstMs = 200;
const longestMs = 10_000;

/**
 * How long to wait before a try: full jitter, so that the players of a dead server come back spread out.
 * See "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
}
