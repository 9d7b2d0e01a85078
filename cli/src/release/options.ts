import { Command, InvalidArgumentError } from 'commander';
import { isVersion, type Rule } from '#releases';
import type { GlobalOptions } from './session.js';

/** A command with the options that all of them have. */
export function releaseSubcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--channel <channel>', 'the release channel (default: production; dev for what npm start runs)')
    .option('--why <reason>', 'kept in the history', '')
    .option(
      '--target <target>',
      '"dev" (what npm start runs) or "kubectl" (the current context)',
      targetName,
    );
}

/** @throws InvalidArgumentError */
export function versionArgument(text: string): string {
  if (!isVersion(text)) throw new InvalidArgumentError('A version looks like 1.0.0000.');
  return text;
}

export function percentage(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number >= 0 && number <= 100))
    throw new InvalidArgumentError('A weight is 0 to 100 percent.');
  return number;
}

export interface RuleOptions {
  header?: string;
  query?: string;
  cookie?: string;
  players?: string;
  region?: string;
  build?: string;
}

/** The options of one command make one rule: all of its conditions must hold. */
export function ruleOf({ header, query, cookie, players, region, build }: RuleOptions): Rule | undefined {
  const [from, to] = (build ?? '').split('-').map(Number);
  const rule: Rule = {
    ...(header !== undefined && { header: pair(header) }),
    ...(query !== undefined && { query: pair(query) }),
    ...(cookie !== undefined && { cookie: pair(cookie) }),
    ...(players !== undefined && { players: list(players) }),
    ...(region !== undefined && { region }),
    ...(build !== undefined && { build: { from: from ?? 0, to: to ?? from ?? 0 } }),
  };
  return Object.keys(rule).length > 0 ? rule : undefined;
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

function pair(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Expected <name>=<value>.');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function targetName(text: string): GlobalOptions['target'] {
  if (text !== 'dev' && text !== 'kubectl')
    throw new InvalidArgumentError('The targets are dev and kubectl.');
  return text;
}
