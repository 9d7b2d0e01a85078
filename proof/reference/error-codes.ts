import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describeErrors } from '@ccgame/rpc';
import { tableOf } from './written-part.js';
// Their errors are declared when they are imported.
import '@ccgame/entities';
import '@ccgame/protocol';
import '@ccgame/sessions';

/** One error of a catalogue. */
export type DescribedError = ReturnType<typeof describeErrors>[number];

/** The errors of all libraries, by the file that declares them. */
export function listErrors(): Map<string, DescribedError[]> {
  const errors = describeErrors();
  const files = execFileSync('git', ['ls-files', 'libs/*/src/*.ts'], { encoding: 'utf8' }).trim().split('\n');
  const declaring = files.filter((file) => {
    if (file.endsWith('.spec.ts')) return false;
    return /\bdefineErrors\(\{|\bengineErrors = \{/.test(readFileSync(file, 'utf8'));
  });
  return new Map(
    declaring.map((file) => {
      const text = readFileSync(file, 'utf8');
      return [file, errors.filter(({ code }) => new RegExp(`^ {2}${code}: \\{`, 'm').test(text))];
    }),
  );
}

/** A table of these errors for each file. */
export function errorTables(errors: ReadonlyMap<string, readonly DescribedError[]>): string {
  return [...errors]
    .map(([file, described]) => {
      const rows = described.map(({ code, message, status, retryable }) => [
        `\`${code}\``,
        String(status),
        retryable ? 'yes' : '',
        message,
      ]);
      const table = tableOf(['code', 'HTTP', 'may be sent again', 'meaning'], rows);
      return `### [\`${file}\`](../${file})\n\n${table}`;
    })
    .join('\n');
}
