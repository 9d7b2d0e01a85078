/** A timer holds a signed 32-bit number of ms, 24.8 days; a longer one goes off at once. */
const longestMs = 2 ** 31 - 1;

/** As setTimeout, for any time: one that no timer can hold goes off as late as one can, and Infinity never. */
export function startTimer(run: () => void, ms: number): ReturnType<typeof setTimeout> | undefined {
  return ms === Infinity ? undefined : setTimeout(run, Math.min(ms, longestMs));
}

/** The pause that a server asks for, ms: at most an hour, and nothing where it is no number. */
export function waitOf(retryAfterMs: unknown): number {
  const isTime = typeof retryAfterMs === 'number' && retryAfterMs > 0;
  return isTime ? Math.min(retryAfterMs, 3_600_000) : 0;
}
