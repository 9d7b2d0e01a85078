import { existsSync } from 'node:fs';
import { prepare } from './prepare.mjs';

/** `ccgame start`: installs and compiles what has changed, and starts the whole backend. */
export async function start(args) {
  const built = new URL('../dist/dev/main.js', import.meta.url);
  const onlyAsks = args.some((word) => word === '--help' || word === '-h') && existsSync(built);
  if (!onlyAsks) prepare();
  const { main } = await import(built);
  await main(args);
}
