import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { releaseDemo } from './release-demo.js';

/** `npm run demo:release -- --robots 50`: exit code 1 when a robot missed anything. */
const { values } = parseArgs({
  options: { robots: { type: 'string', default: '50' }, play: { type: 'string', default: '3' } },
});
const startedAt = Date.now();
const tell = (line: string): void =>
  void process.stdout.write(
    `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`.trimEnd() + '\n',
  );

const account = await releaseDemo({
  root: process.cwd(),
  robots: Number(values.robots),
  playMs: Number(values.play) * 1000,
  tell,
});
const isClean = Object.values(account.faults()).every((count) => count === 0);
process.stdout.write(
  `\n${account.toString()}\n\n${isClean ? 'No robot missed anything.' : 'Robots missed something.'}\n`,
);
process.exit(isClean ? 0 : 1);
