import { parseArgs } from 'node:util';
import { createGame } from './create-game.js';

const usage = `npm create ccgame <folder> [-- --packages <folder of tarballs>]`;

/** The command. Problems are a sentence on stderr and exit code 1. */
export function main(args: string[]): void {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { packages: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    });
    const [folder, ...more] = positionals;
    if (values.help) return void process.stdout.write(`${usage}\n`);
    if (folder === undefined || more.length > 0) throw new Error(usage);
    createGame({ folder, packages: values.packages });
    process.stdout.write(
      `${folder} is written. Next:\n  cd ${folder}\n  npm install\n  npm start -- --once\n  npm test\n`,
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
