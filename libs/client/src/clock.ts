/** Ms since some moment, for durations: it does not follow the device's time of day, where the platform has a clock that doesn't. */
export function elapsedMs(): number {
  const { performance } = globalThis as { performance?: { now(): number } };
  return performance ? performance.now() : Date.now();
}
