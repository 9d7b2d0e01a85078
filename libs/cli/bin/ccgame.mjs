#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Commands that work before anything is compiled or, in a clone, installed. */
const early = ['start', 'dev', 'test', 'build'];
const [command, ...rest] = process.argv.slice(2);

if (early.includes(command) && (rest.includes('--help') || rest.includes('-h'))) {
  // The help is a file that is made from the code: it needs neither, and is there at once.
  const text = readFileSync(new URL(`help/${command}.txt`, import.meta.url), 'utf8');
  const isColored = process.stdout.isTTY && process.stdout.hasColors();
  process.stdout.write(isColored ? text.replace(/^\w+:/gm, '\u001b[1m$&\u001b[22m') : text);
} else if (early.includes(command)) {
  const commands = await import(`./${command}.mjs`);
  await commands[command](rest);
} else {
  const entry = new URL('../dist/ccgame.js', import.meta.url);
  if (!existsSync(fileURLToPath(entry))) {
    process.stderr.write('ccgame is not built yet; run "npm run build" first.\n');
    process.exit(1);
  }
  const { main } = await import(entry);
  await main(process.argv.slice(2));
}
