import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { expectedName, isName, isVersion, type NameKind } from '@ccgame/config';
import { examplesText } from '../examples-text.js';
import { decimalArgument } from '../number-argument.js';
import type { Rule } from '@ccgame/releases';
import type { GlobalOptions } from './global-options.js';

/** Without a word about a cluster. */
export const defaultOverlay = join('k8s', 'release');

/** A command that knows where it acts: the options from which `chooseTarget` and the roll calls work. */
export function placedCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      '--channel <channel>',
      'the release channel, where the manifests do not tell that of the servers (default: theirs)',
      nameArgument('channel'),
    )
    .option('--target <target>', '"dev" (what npm start runs) or "kubectl" (the current context)', targetName)
    .addOption(
      new Option('--overlay <folder>', 'the kustomization that versions and routes are rendered from')
        .env('CCGAME_OVERLAY')
        .default(defaultOverlay),
    )
    .addOption(new Option('--context <name>', 'of kubectl').env('CCGAME_CONTEXT'))
    .addOption(
      new Option('--namespace <name>', "of kubectl (default: the overlay's, else the context's)").env(
        'CCGAME_NAMESPACE',
      ),
    )
    .option('--json', 'print one JSON value on stdout, and the rest on stderr', false)
    .option('--without <servers>', 'do not wait for an answer of these servers, ids by comma', list);
}

/** A command of `ccgame release`. @param examples one a line, without `ccgame release` */
export function releaseSubcommand(name: string, description: string, examples: string[]): Command {
  return placedCommand(name, description)
    .option('--why <reason>', 'kept in the history', '')
    .addOption(
      new Option('--write <folder>', 'write what would be applied, for a tool that applies it from Git').env(
        'CCGAME_WRITE',
      ),
    )
    .addOption(
      new Option('--publish <command>', 'commits and pushes that folder, run in it after each change').env(
        'CCGAME_PUBLISH',
      ),
    )
    .option('--yes', 'act in a cluster without being asked', false)
    .addHelpText('after', examplesText(examples.map((example) => `release ${example}`)));
}

/** For how long a server that is started may have a problem. */
export function patience(): Option {
  return new Option('--patience <seconds>', 'how long a server may have a problem before the command fails')
    .argParser(seconds)
    .default(15);
}

/** A name of this kind @throws InvalidArgumentError */
export function nameArgument(kind: NameKind): (text: string) => string {
  return (text) => {
    if (!isName(kind, text)) throw new InvalidArgumentError(`Expected ${expectedName(kind)}.`);
    return text;
  };
}

/** @throws InvalidArgumentError */
export function versionArgument(text: string): string {
  if (!isVersion(text)) throw new InvalidArgumentError('A version looks like 1.0.0000.');
  return text;
}

/** `0` to `100` → a number @throws InvalidArgumentError */
export function percentage(text: string): number {
  const expected = 'A weight is 0 to 100 percent, in steps of 0.01.';
  if (/\.\d{3}/.test(text)) throw new InvalidArgumentError(expected);
  return decimalArgument(text, { min: 0, max: 100, expected });
}

/** The conditions of a rule, as they are typed. */
export interface RuleOptions {
  header?: string;
  query?: string;
  cookie?: string;
  players?: string;
  region?: string;
  build?: string;
}

/** Up to a week @throws InvalidArgumentError */
export function seconds(text: string): number {
  return decimalArgument(text, {
    min: 0.001,
    max: 7 * 86_400,
    expected: 'Expected a number of seconds, up to 604800.',
  });
}

/** The options of one command make one rule: all of its conditions must hold. */
export function ruleOf({ header, query, cookie, players, region, build }: RuleOptions): Rule | undefined {
  const rule: Rule = {
    ...(header !== undefined && { header: pair(header) }),
    ...(query !== undefined && { query: pair(query) }),
    ...(cookie !== undefined && { cookie: pair(cookie) }),
    ...(players !== undefined && { players: list(players) }),
    ...(region !== undefined && { region }),
    ...(build !== undefined && { build: range(build) }),
  };
  return Object.keys(rule).length > 0 ? rule : undefined;
}

/** @throws InvalidArgumentError for an empty one */
export function list(text: string): string[] {
  const found = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (found.length === 0) throw new InvalidArgumentError('Expected names, by comma.');
  return found;
}

function pair(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Expected <name>=<value>.');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** `100-200`, or `100` alone. */
function range(text: string): { from: number; to: number } {
  const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (!found) throw new InvalidArgumentError('Builds look like 100-200.');
  return { from: Number(found[1]), to: Number(found[2] ?? found[1]) };
}

/** `dev` or `kubectl` @throws InvalidArgumentError */
export function targetName(text: string): GlobalOptions['target'] {
  if (text !== 'dev' && text !== 'kubectl')
    throw new InvalidArgumentError('The targets are dev and kubectl.');
  return text;
}
