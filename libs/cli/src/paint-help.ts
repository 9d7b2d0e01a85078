import { styleText } from 'node:util';
import type { Command } from 'commander';
import { paint } from './paint.js';

/** Gives the help and the refusals of a command, and of those in it, colours where a terminal shows them: commander takes them away elsewhere. */
export function paintHelp(command: Command): void {
  command
    .configureHelp({
      ...command.configureHelp(),
      styleTitle: (text) => colored('bold', text),
      styleSubcommandText: (text) => colored('cyan', text),
      styleOptionText: (text) => colored('cyan', text),
      styleArgumentText: (text) => colored('cyan', text),
    })
    .configureOutput({ outputError: (text, write) => write(paint('red', text, process.stderr)) });
  for (const one of command.commands) paintHelp(one);
}

function colored(style: 'bold' | 'cyan', text: string): string {
  return styleText(style, text, { validateStream: false });
}
