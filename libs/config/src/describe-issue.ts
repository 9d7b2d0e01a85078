import type { z } from 'zod';
import type { WrongVariable } from './config-error.js';

const mostShown = 200;

/** Says a variable's problem in words that hide a secret's value. */
export function describeIssue(
  name: string,
  issue: Pick<z.core.$ZodIssue, 'message'>,
  value: string | undefined,
  isSecret: boolean,
): WrongVariable {
  const missing = `expected ${isSecret ? 'a secret of at least 32 characters' : 'a value'}`;
  if (value === undefined) return { name, expected: missing };
  // An address may hold a password where none belongs.
  const shown = cutShort(value.replace(/:\/\/.*@/s, '://[hidden]@'));
  return { name, expected: issue.message, found: isSecret ? '[hidden]' : shown };
}

/** A whole file may stand there by mistake. */
function cutShort(text: string): string {
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}
