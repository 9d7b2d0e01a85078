import { type Command, InvalidArgumentError } from 'commander';
import { isName } from '@ccgame/config';
import { examplesText } from '../examples-text.js';
import { wholeArgument } from '../number-argument.js';
import type { PlaceOptions } from '../release/global-options.js';
import { placedCommand } from '../release/options.js';

/** The options that all of an operator's commands have. */
export interface OperatorOptions extends PlaceOptions {
  /** One JSON value on stdout in the place of text. */
  json: boolean;
}

/** A command for an operator's question or order. @param examples one a line, without `ccgame` */
export function operatorSubcommand(name: string, description: string, examples: string[]): Command {
  return placedCommand(name, description)
    .option('--yes', 'act in a cluster without being asked', false)
    .addHelpText('after', examplesText(examples));
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
  return wholeArgument(text, { min: 0, max: 1_000, expected: 'Expected 0 to 1000.' });
}

/** @throws InvalidArgumentError */
export function auditCount(text: string): number {
  return wholeArgument(text, { min: 1, max: 100_000, expected: 'Expected 1 to 100000.' });
}
