/**
 * Waits so long for work, ms. Late work isn't ended, and whatever becomes of it is dropped. The timer keeps no process alive.
 *
 * @param onLate gives what is taken in the place of the result, or throws
 * @throws what the work or `onLate` throws
 */
export async function within<T, L>(
  ms: number,
  work: () => T | PromiseLike<T>,
  onLate: () => L | PromiseLike<L>,
): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  }).then(onLate);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
