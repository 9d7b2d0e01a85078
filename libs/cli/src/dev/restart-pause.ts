const firstMs = 500;
/** One that crashes at each start doesn't keep the laptop busy. */
const longestMs = 8_000;

/** The pause before something that died is started again, ms; longer each time. @param failures in a row, before this one */
export function restartPauseMs(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** failures);
}
