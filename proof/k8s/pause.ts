export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Asks until the answer is yes.
 *
 * @returns how long that took, ms
 * @throws Error naming `what` when it takes longer than `withinMs`
 */
export async function until(what: string, withinMs: number, ask: () => Promise<boolean>): Promise<number> {
  const since = performance.now();
  while (!(await ask().catch(() => false))) {
    if (performance.now() - since > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(200);
  }
  return Math.round(performance.now() - since);
}
