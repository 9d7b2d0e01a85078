import { compile, install } from './prepare.mjs';
import { refuseEarly } from './refuse-early.mjs';

/** `ccgame start`: installs and compiles what has changed, and starts the whole backend. */
export async function start(args) {
  install();
  await refuseEarly(args, 'start');
  compile();
  const { main } = await import(new URL('../dist/dev/main.js', import.meta.url));
  await main(args);
}
