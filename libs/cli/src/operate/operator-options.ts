import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isName } from '@ccgame/config';
import { list, targetName } from '../release/options.js';

/** The options that all of an operator's commands have. */
export interface OperatorOptions {
  channel?: string;
  target?: 'dev' | 'kubectl';
  overlay: string;
  context?: string;
  namespace?: string;
  yes: boolean;
  without?: string[];
  /** One JSON value on stdout in the place of text. */
  json: boolean;
}

/** A command for an operator's question or order. @param examples one a line, without `ccgame` */
export function operatorSubcommand(name: string, description: string, examples: string[]): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'print JSON', false)
    .option(
      '--channel <channel>',
      'the release channel (default: the label env; dev for what npm start runs)',
    )
    .option('--target <target>', '"dev" (what npm start runs) or "kubectl" (the current context)', targetName)
    .addOption(
      new Option('--overlay <folder>', 'the kustomization that versions and routes are rendered from')
        .env('CCGAME_OVERLAY')
        .default(join('k8s', 'release')),
    )
    .addOption(new Option('--context <name>', 'of kubectl').env('CCGAME_CONTEXT'))
    .addOption(
      new Option('--namespace <name>', "of kubectl (default: the overlay's, else the context's)").env(
        'CCGAME_NAMESPACE',
      ),
    )
    .option('--yes', 'act in a cluster without being asked', false)
    .option('--without <servers>', 'do not wait for an answer of these servers, ids by comma', list)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ccgame ${example}`).join('\n')}`);
}

/** @throws InvalidArgumentError */
export function playerArgument(text: string): string {
  if (!isName('playerId', text))
    throw new InvalidArgumentError('A player id is 1 to 128 letters, digits, _ and -.');
  return text;
}

const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `90s`, `30m`, `12h`, `7d` → whole seconds @throws InvalidArgumentError */
export function duration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? NaN);
  if (!(seconds > 0)) throw new InvalidArgumentError('A time looks like 90s, 30m, 12h or 7d.');
  return seconds;
}

/** @throws InvalidArgumentError */
export function reasonText(text: string): string {
  if (text.trim() === '' || text.length > 500)
    throw new InvalidArgumentError('A reason is a text of 1 to 500 characters.');
  return text;
}

/** @throws InvalidArgumentError */
export function count(text: string): number {
  const number = Number(text);
  if (!/^\d{1,4}$/.test(text) || number > 1_000) throw new InvalidArgumentError('Expected 0 to 1000.');
  return number;
}
