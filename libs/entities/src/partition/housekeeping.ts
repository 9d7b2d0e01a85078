const everyMs = 100;

const all = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `keepHouse` each 100 ms, by one timer for all partitions of the process: each of its own would wake an idle server again.
 *
 * @returns what ends that
 */
export function keepHouseOften(keepHouse: () => void): () => void {
  all.add(keepHouse);
  timer ??= setInterval(() => {
    for (const one of all) one();
  }, everyMs);
  return () => {
    all.delete(keepHouse);
    if (all.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
