import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { releaseDemo } from './release-demo.js';

/** `npm run demo:release -- --robots 50 --arena 8`: exit code 1 when a robot missed anything. */
const { values } = parseArgs({
  options: {
    robots: { type: 'string', default: '50' },
    arena: { type: 'string', default: '8' },
    play: { type: 'string', default: '3' },
    from: { type: 'string' },
  },
});
const startedAt = Date.now();
const tell = (line: string): void =>
  void process.stdout.write(
    `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`.trimEnd() + '\n',
  );

const { account, arenas } = await releaseDemo({
  root: process.cwd(),
  robots: Number(values.robots),
  arenaRobots: Number(values.arena),
  from: values.from ?? nextArena(process.cwd()),
  playMs: Number(values.play) * 1000,
  tell,
});
const faults = { ...account.faults(), 'inputs lost': arenas.count('inputs lost') };
const isClean = Object.values(faults).every((count) => count === 0);
process.stdout.write(
  `\n${account.toString()}\n\nIn the arenas:\n${arenas.toString()}\n\n${isClean ? 'No robot missed anything.' : 'Robots missed something.'}\n`,
);
process.exit(isClean ? 0 : 1);

/** A folder with really other code: the arena's walls throw discs back. */
function nextArena(root: string): string {
  const script = join(root, 'examples', 'arena', 'next-version.mjs');
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
}
