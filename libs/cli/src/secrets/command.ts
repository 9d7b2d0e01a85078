import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { expectJson, printResult } from '../release/print-note.js';
import { newSecrets } from './new-secrets.js';

const folder = join('k8s', 'secrets');
/** Git ignores it. */
const defaultFile = join(folder, 'secrets.yaml');

/** `ccgame secrets …`: what nobody but the studio may know. */
export function secretsCommand(): Command {
  const create = new Command('new')
    .description('makes every secret of a game at random, as a file that kubectl and kustomize take')
    .option('--out <file>', 'the file to write; "-" prints the secrets', defaultFile)
    .option('--json', 'tells the file as one JSON value', false)
    .addHelpText('after', examplesText(['secrets new', 'secrets new --out -']))
    .action(async ({ out, json }: { out: string; json: boolean }) => {
      expectJson(json);
      const secrets = newSecrets(await readFile(join(folder, 'example-secrets.yaml'), 'utf8'));
      if (out === '-') return json ? printResult({ secrets }, '') : void process.stdout.write(secrets);
      await writeNew(out, secrets);
      printResult(
        { file: out },
        `${out} is written. Keep it out of Git, and apply it once: kubectl apply -f ${out}`,
      );
    });
  return new Command('secrets').addCommand(create);
}

/** For its owner alone. @throws Error when there is one: overwriting it would lose the passwords of the running servers */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(
      `${file} is there already, and servers may run by it: move it away first, or say --out.`,
      { cause: error },
    );
  }
}
