/**
 * Runs work of which Ctrl-C ends the look alone, and tells the person what goes on without it.
 *
 * @param whatGoesOn a sentence
 */
export async function tellingInterrupted<T>(whatGoesOn: string, work: () => Promise<T>): Promise<T> {
  const interrupted = (): never => {
    process.stderr.write(`\nStopped looking: ${whatGoesOn}\n`);
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    return await work();
  } finally {
    process.off('SIGINT', interrupted);
  }
}
