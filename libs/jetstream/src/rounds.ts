/** Each process has its own, so that not all servers ask at once. */
const phaseMs = Math.random() * 60_000;
/** So much of a period has to be over before the next look. */
const leastPart = 1 / 8;

/**
 * How long it is until the next of the moments that come each so many ms, ms. They are the same for all who ask in this process, so that what an
 * idle server asks for goes to NATS in one write and wakes it once.
 */
export function untilRound(everyMs: number, now = performance.now()): number {
  const restMs = everyMs - ((now + phaseMs) % everyMs);
  return restMs < everyMs * leastPart ? restMs + everyMs : restMs;
}
