import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { exitCodeOf } from './exit-code.js';
import { libraries } from './libraries.js';
import { play } from './play.js';

/**
 * `npm run test:clients`: the SDK on Node, Bun and Deno, and socket.io clients that nobody here wrote, play against real servers, which are killed, stopped and replaced.
 * `-- python` plays only those whose name has the word. A library that can't be installed here is skipped, with the reason. Exit code 1:
 * one of them did not get through, or none could be tried, or with `--all` not all.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});
const [only = ''] = positionals;
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
let passed = 0;
let failed = 0;
let skipped = 0;

for (const library of libraries.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))) {
  tell(`\n• ${library.name}`);
  const command = install(library);
  if (!command) continue;
  try {
    await play([{ library, command }], (line) => tell(`  ✓ ${line}`));
    passed += 1;
  } catch (error) {
    tell(`  ✗ ${String(error)}`);
    failed += 1;
  }
}
tell(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(exitCodeOf({ passed, failed, skipped }, values.all));

function install(library: (typeof libraries)[number]): string[] | undefined {
  try {
    return library.install();
  } catch (error) {
    tell(`  skipped: ${(error as Error).message}`);
    skipped += 1;
    return undefined;
  }
}
