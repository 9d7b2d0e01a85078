/**
 * Ends this process when all that it printed has been read: a pipe holds 64 KiB, and `process.exit` throws the rest away. A reader
 * that left, such as `head`, wants no more.
 *
 * @param code the exit code
 */
export async function exitPrinted(code: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(flush));
  process.exit(code);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('error', () => resolve());
    stream.write('', () => resolve());
  });
}
