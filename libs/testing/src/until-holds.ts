/** How long a wait lasts, and the words of its failure. */
export interface UntilHoldsOptions {
  /** Gives the text that the error quotes; left out: the check's own code. */
  seen?: () => unknown;
  /** Default 50,000 ms: below that of Jest, so that this wait fails and not the test. */
  timeoutMs?: number;
  /** Between two checks, ms. Default 20. */
  everyMs?: number;
}

/**
 * Resolves as soon as `check` holds, for what no event tells.
 *
 * @throws Error with what was seen, when it doesn't hold in time
 */
export async function untilHolds(
  check: () => boolean | Promise<boolean>,
  { seen = () => check.toString(), timeoutMs = 50_000, everyMs = 20 }: UntilHoldsOptions = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${String(await seen())}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
