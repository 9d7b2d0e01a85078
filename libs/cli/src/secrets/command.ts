import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { orUnreadable } from '../game-files.js';
import { expectJson, printResult } from '../release/print-note.js';
import { addSecrets, secretsIn, type SecretsFile } from './add-secrets.js';
import { newSecrets } from './new-secrets.js';

const folder = join('k8s', 'secrets');
const exampleFile = join(folder, 'example-secrets.yaml');
/** Git ignores it. */
const defaultFile = join(folder, 'secrets.yaml');
/** The example's. */
const ofTheGame = 'game-secrets token-keys nats-address nats-passwords';

/** `ccgame secrets …`: what nobody but the studio may know. */
export function secretsCommand(): Command {
  const create = new Command('new')
    .description('makes every secret of a game at random, as a file that kubectl and kustomize take')
    .option('--out <file>', 'the file to write; "-" prints the secrets', defaultFile)
    .option('--json', 'tells the file as one JSON value', false)
    .addHelpText('after', examplesText(['secrets new', 'secrets new --out -']))
    .action(async ({ out, json }: { out: string; json: boolean }) => {
      expectJson(json);
      const example = read(exampleFile);
      secretsIn(example);
      const secrets = newSecrets(example.text);
      if (out === '-') return json ? printResult({ secrets }, '') : void process.stdout.write(secrets);
      await writeNew(out, secrets);
      printResult(
        { file: out },
        `${out} is written. Keep it out of Git, and apply it once: kubectl apply -f ${out}`,
      );
    });
  const add = new Command('add')
    .description('makes what a file of secrets lacks, as for a new server type, and leaves all else in it')
    .option(
      '--file <file>',
      'the file, as "secrets new" or "kubectl get secret … -o yaml" wrote it',
      defaultFile,
    )
    .option('--json', 'tells what was added as one JSON value', false)
    .addHelpText('after', examplesText(['secrets add', 'secrets add --file secrets-of-production.yaml']))
    .action(async ({ file, json }: { file: string; json: boolean }) => {
      expectJson(json);
      const { text, added } = addSecrets(read(file), read(exampleFile));
      if (added.length > 0) await replaceFile(file, text);
      printResult({ file, added }, added.length > 0 ? whatIsNext(file, added) : `${file} lacks nothing.`);
    });
  return new Command('secrets').addCommand(create).addCommand(add);
}

/** NATS does not start, and reads no other change, while its accounts ask for a password that is not there. */
function whatIsNext(file: string, added: string[]): string {
  return [
    `${file} has now, at random:`,
    ...added.map((one) => `  ${one}`),
    `The rest is as the file had it. If a password or key was changed in the cluster since, its old value would come back, and cut servers off: begin again with kubectl get secret ${ofTheGame} -o yaml > ${file}`,
    `Apply it before k8s/nats/accounts: kubectl apply -f ${file}`,
    'Then apply the accounts, and a minute later let each NATS pod read both: kubectl exec nats-0 -- nats-server --signal reload=1',
  ].join('\n');
}

/** @throws Error that names the file */
function read(file: string): SecretsFile {
  return { file, text: orUnreadable(file, () => readFileSync(file, 'utf8')) };
}

/** For its owner alone, and never half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text, { flag: 'wx', mode: 0o600 });
  await rename(unfinished, file);
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
