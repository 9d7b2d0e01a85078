import type { Command } from 'commander';
import { ccgameCommand } from './ccgame.js';

/** These run until Ctrl-C, or print what tools of their own print; asyncapi prints nothing but JSON. */
const withoutJson = ['start', 'dev', 'test', 'build', 'asyncapi', 'observe'];

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe('every command', () => {
  it('has examples in its help, and --json', async () => {
    const program = await ccgameCommand();
    const all = program.commands
      .flatMap(withSubcommands)
      .filter((one) => one.registeredArguments.length > 0 || one.commands.length === 0);
    expect(all.length).toBeGreaterThan(30);
    const names = (lacking: Command[]): string[] => lacking.map((one) => one.name());
    expect(names(all.filter((one) => !helpOf(one).includes('Examples:')))).toEqual([]);
    const json = (one: Command): boolean => one.options.some(({ long }) => long === '--json');
    expect(names(all.filter((one) => !json(one)))).toEqual(withoutJson);
  });
});
