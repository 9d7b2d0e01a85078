/** How many clients, or cases, played well, badly, and not at all. */
export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * A machine without Python or a network may leave clients out, and says so; `--all`, as CI calls it, doesn't let it: a client that is never
 * played would pass for ever.
 */
export function exitCodeOf({ passed, failed, skipped }: Outcome, mustPlayAll: boolean): 0 | 1 {
  return failed > 0 || passed === 0 || (mustPlayAll && skipped > 0) ? 1 : 0;
}
