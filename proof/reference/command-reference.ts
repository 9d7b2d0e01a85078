import type { Argument, Command, Option } from 'commander';
import { tableOf } from './written-part.js';

/** Options that so many commands have are told once. */
const sharedFrom = 8;

/** Every command with its usage, arguments, options and examples. */
export function commandReference(ccgame: Command): string {
  const commands = ccgame.commands.flatMap((command) => withSubcommands(command, []));
  const shared = sharedOptions(commands.map(({ command }) => command));
  const isShared = (option: Option): boolean => shared.has(keyOf(option));
  const sections = commands.map(({ command, path }) => {
    const heading = `${'#'.repeat(Math.min(path.length + 1, 3))} \`${path.join(' ')}\``;
    const options = command.options.filter((option) => !option.hidden && !isShared(option));
    const taken = command.options.filter(isShared).map(({ long }) => `\`${long}\``);
    return [
      heading,
      sentence(command.description()),
      command.commands.length > 0 ? '' : `\`\`\`text\n${usageOf(command, path)}\n\`\`\``,
      rowsOf([...command.registeredArguments, ...options]),
      taken.length > 0 ? `And of the [shared options](#shared-options): ${taken.join(', ')}.` : '',
      examplesOf(command),
    ]
      .filter((part) => part !== '')
      .join('\n\n');
  });
  return [`## Shared options\n\n${rowsOf([...shared.values()])}`, ...sections].join('\n\n').concat('\n');
}

interface Placed {
  command: Command;
  /** From `ccgame` on. */
  path: string[];
}

function withSubcommands(command: Command, above: string[]): Placed[] {
  const path = [...above, command.name()];
  return [{ command, path }, ...command.commands.flatMap((one) => withSubcommands(one, path))];
}

function sharedOptions(commands: Command[]): Map<string, Option> {
  const all = commands.flatMap(({ options }) => options);
  const many = all.filter((one) => all.filter((other) => keyOf(other) === keyOf(one)).length >= sharedFrom);
  return new Map(many.map((option) => [keyOf(option), option]));
}

function keyOf({ flags, description }: Option): string {
  return `${flags} ${description}`;
}

/** As the help says it. */
function usageOf(command: Command, path: string[]): string {
  const usage = command.createHelp().commandUsage(command);
  return usage.startsWith('npm ') ? usage : `ccgame ${path.join(' ')} ${command.usage()}`.trimEnd();
}

function rowsOf(all: Array<Argument | Option>): string {
  const rows = all.map((one) => {
    const name = 'flags' in one ? one.flags : one.required ? `<${one.name()}>` : `[${one.name()}]`;
    const variable = 'envVar' in one && one.envVar ? `\`${one.envVar}\`` : '';
    return [`\`${name}\``, plain(defaultOf(one)), plain(one.description), variable];
  });
  return rows.length === 0
    ? ''
    : tableOf(['argument or option', 'default', 'meaning', 'variable'], rows).trimEnd();
}

function defaultOf({ defaultValue, defaultValueDescription }: Argument | Option): string {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined || defaultValue === false || defaultValue === ''
    ? ''
    : `\`${String(defaultValue)}\``;
}

function examplesOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const [, examples] = /\nExamples:\n([^]+)$/.exec(text) ?? [];
  if (examples === undefined) return '';
  const lines = examples
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  return `\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}

/** The site's generator would take it for a tag. */
function plain(text: string): string {
  return text.replaceAll('<', '&lt;');
}

function sentence(description: string): string {
  const text = plain(description);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
