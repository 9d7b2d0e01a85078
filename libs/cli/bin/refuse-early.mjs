import { existsSync, statSync } from 'node:fs';

/**
 * Ends the process for what needs no compiler to be refused: options that are none, and a second launcher in this folder. Does nothing
 * before the command itself is compiled.
 *
 * @param {string[]} args
 * @param {'start' | 'dev'} command
 */
export async function refuseEarly(args, command) {
  if (!['options', 'refuse-second-launcher'].every(isCompiled)) return;
  const { parseDevOptions } = await import(built('options'));
  parseDevOptions(args, command);
  const { refuseSecondLauncher } = await import(built('refuse-second-launcher'));
  await refuseSecondLauncher(process.cwd()).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}

const built = (name) => new URL(`../dist/dev/${name}.js`, import.meta.url);

/** In a clone its source may be newer: what it refuses may be allowed by now. */
function isCompiled(name) {
  if (!existsSync(built(name))) return false;
  const source = new URL(`../src/dev/${name}.ts`, import.meta.url);
  return !existsSync(source) || statSync(source).mtimeMs <= statSync(built(name)).mtimeMs;
}
