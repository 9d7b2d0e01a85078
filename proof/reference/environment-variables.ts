import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { environmentSchema, secretVariables } from '@ccgame/config';
import { tableOf } from './written-part.js';

const schemaFile = 'libs/config/src/schema.ts';
const described = /\n {2}\/\*\*\s*(?:\* )?((?:(?!\*\/)[^])*?)\s*\*\/\n {2}([A-Z][A-Z_]+): /g;

/** A table of the variables that servers read: the schema's own names and defaults, and the comment above each. */
export function environmentTable(): string {
  const source = readFileSync(schemaFile, 'utf8');
  const meanings = new Map(
    [...source.matchAll(described)].map(([, text = '', name]) => [name, text.replace(/\n\s*\*\s*/g, ' ')]),
  );
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const meaning = meanings.get(name);
    if (!meaning) throw new Error(`${name} has no comment in ${schemaFile}`);
    const isSecret = (secretVariables as readonly string[]).includes(name);
    return [`\`${name}\``, defaultOf(schema), isSecret ? `**Secret.** ${meaning}` : meaning];
  });
  return tableOf(['variable', 'default', 'meaning'], rows);
}

/** A table of the variables that stand for options of the `ccgame` command. */
export function commandTable(ccgame: Command): string {
  const rows = new Map<string, string[]>();
  for (const command of withSubcommands(ccgame))
    for (const { envVar, long, description } of command.options)
      if (envVar) rows.set(envVar, [`\`${envVar}\``, `\`${long}\``, description]);
  return tableOf(['variable', 'option', 'meaning'], [...rows.values()].sort());
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function defaultOf(schema: { safeParse(value: undefined): { success: boolean; data?: unknown } }): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined || data === '') return '';
  if (typeof data === 'boolean') return data ? '`on`' : '`off`';
  return `\`${(Array.isArray(data) ? data : [data]).map((one) => JSON.stringify(one).replaceAll('"', '')).join(',')}\``;
}
