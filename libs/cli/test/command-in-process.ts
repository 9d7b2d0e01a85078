import { Command } from 'commander';
import type { CommandResult } from '../../../proof/release-demo/backend.js';
import { operatorCommands } from '../src/operate/commands.js';
import { releaseCommand } from '../src/release/command.js';

/** As {@link releaseInProcess}, `ccgame <args>` of an operator. */
export function operatorInProcess(args: string[]): Promise<CommandResult> {
  const program = new Command('ccgame');
  for (const command of operatorCommands()) program.addCommand(command);
  return runInProcess(program, args);
}

/**
 * Runs `ccgame release <args>` in this process and its folder: as a process of its own each takes a second to start.
 * `onLine` gets what it prints.
 */
export function releaseInProcess(args: string[], onLine?: (line: string) => void): Promise<CommandResult> {
  return runInProcess(releaseCommand(), args, onLine);
}

async function runInProcess(
  command: Command,
  args: string[],
  onLine: (line: string) => void = () => {},
): Promise<CommandResult> {
  const printed: string[] = [];
  const print = jest.spyOn(console, 'log').mockImplementation((line: string) => {
    printed.push(line);
    onLine(line);
  });
  const program = quiet(command, (text) => printed.push(text));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: 0, text: printed.join('\n') };
  } catch (error) {
    return { code: 1, text: [...printed, (error as Error).message].join('\n') };
  } finally {
    print.mockRestore();
  }
}

/** It throws instead of ending the process, and so do its subcommands. */
function quiet(command: Command, print: (text: string) => void): Command {
  for (const subcommand of command.commands) quiet(subcommand, print);
  return command.exitOverride().configureOutput({ writeOut: print, writeErr: print });
}
