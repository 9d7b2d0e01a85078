import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compile, install } from './prepare.mjs';
import { refuseEarly } from './refuse-early.mjs';

/** `ccgame dev`: installs what is missing, starts the whole backend of its sources, and follows them. Types are checked beside it. */
export async function dev(args) {
  install();
  await refuseEarly(args, 'dev');
  const built = new URL('../dist/watch/dev-loop.js', import.meta.url);
  const lacksPages = existsSync(join('game', 'play')) && !existsSync(join('dist', 'pages'));
  // The command itself, in a fresh clone.
  if (!existsSync(built) || lacksPages) compile();
  const { main } = await import(new URL('../dist/dev/main.js', import.meta.url));
  await main(args, 'dev');
}
