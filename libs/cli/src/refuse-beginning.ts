import type { Command } from 'commander';

/**
 * The usual hint compares letters, and takes `dep` for `help`. A word that a command begins with means that one.
 *
 * @throws Error that names the commands which begin with it
 */
export function refuseBeginning(program: Command, args: string[]): void {
  const [word, ...rest] = args;
  if (word === undefined || word.startsWith('-') || program.commands.length === 0) return;
  const command = program.commands.find((one) => one.name() === word);
  if (command) return refuseBeginning(command, rest);
  const meant = program.commands.map((one) => one.name()).filter((name) => name.startsWith(word));
  if (meant.length > 0)
    throw new Error(`error: unknown command '${word}'\n(Did you mean ${meant.join(' or ')}?)`);
}
