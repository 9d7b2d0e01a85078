import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { Command } from 'commander';
import { explainProblem } from './dev/problem.js';
import { operatorCommands } from './operate/commands.js';
import { newCommand } from './new/command.js';
import { observeCommand } from './observe/command.js';
import { releaseCommand } from './release/command.js';
import { robotsCommand } from './robots/command.js';
import { secretsCommand } from './secrets/command.js';
import { tokenKeyCommand } from './token-key.js';

/** The `ccgame` command. Problems are a sentence on stderr and exit code 1. */
export async function main(args: string[]): Promise<void> {
  // Libraries log for servers; a person at a terminal wants the answer alone.
  Logger.overrideLogger(['error', 'warn']);
  try {
    await ccgameCommand()
      .version(packageVersion(), '-v, --version', 'the version of ccgame')
      .parseAsync(args, { from: 'user' });
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${explainProblem(error)}\n`);
    process.exit(1);
  }
}

/** The command with all of its subcommands and options. */
export function ccgameCommand(): Command {
  const program = new Command('ccgame')
    .description('Operates a ccgame backend.')
    .addCommand(newCommand())
    .addCommand(releaseCommand())
    .addCommand(observeCommand())
    .addCommand(robotsCommand())
    .addCommand(secretsCommand())
    .addCommand(tokenKeyCommand());
  for (const command of operatorCommands()) program.addCommand(command);
  return program;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
