import { prepare } from './prepare.mjs';
import { runJest } from './run-jest.mjs';

/** `ccgame test`: installs and compiles what has changed, and runs Jest. */
export async function test(args) {
  prepare();
  const { prepareNats } = await import('../dist/dev/prepare-nats.js');
  await prepareNats();
  runJest(args);
}
