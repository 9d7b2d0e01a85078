import { findNats, NatsProblem } from '@ccgame/testing';

/** Makes sure that the tests will find a nats-server, before many of them look for one at once. */
export async function prepareNats(): Promise<void> {
  try {
    await findNats({ root: process.cwd(), binaryOnly: true, onProgress: (text) => console.log(`  ${text}`) });
  } catch (error) {
    if (!(error instanceof NatsProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
