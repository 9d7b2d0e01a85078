/** Timers hold a signed 32-bit number of ms, 24.8 days, in Node as in browsers; a longer one goes off at once. */
export const longestTimerMs = 2 ** 31 - 1;
