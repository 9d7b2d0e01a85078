import { parseArgs } from 'node:util';
import { createGame } from './create-game.js';
import { makeRepository, type RepositoryOutcome } from './git-repository.js';

const usage = `npm create ccgame <folder> [-- <options>]

  --packages <folder>  tarballs of ccgame's packages, in the place of those of the registry
  --no-git             make no git repository

Examples:
  npm create ccgame my-game
  npm create ccgame my-game -- --no-git`;

const said: Record<RepositoryOutcome, string> = {
  committed: ', and committed to a git repository of its own',
  'not committed': ', in a git repository of its own; git took no commit (has it your name and address?)',
  'inside another': ', as a part of the git repository around it',
  'no git': ', without a git repository, as no git is there',
};

/** The command. Problems are a sentence on stderr and exit code 1. */
export function main(args: string[]): void {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        packages: { type: 'string' },
        git: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [folder, ...more] = positionals;
    if (values.help) return void process.stdout.write(`${usage}\n`);
    if (folder === undefined || more.length > 0) throw new Error(usage);
    createGame({ folder, packages: values.packages });
    const repository = values.git ? makeRepository(folder) : undefined;
    process.stdout.write(
      `${folder} is written${repository ? said[repository] : ''}. Next:\n  cd ${folder}\n  npm install\n  npm start -- --once\n  npm test\n  npm run dev\n`,
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
