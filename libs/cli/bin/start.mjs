import { prepare } from './prepare.mjs';

/** `ccgame start`: installs and compiles what has changed, and starts the whole backend. */
export async function start(args) {
  prepare();
  const { main } = await import('../dist/dev/main.js');
  await main(args);
}
