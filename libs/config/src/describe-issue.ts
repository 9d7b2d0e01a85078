import type { z } from 'zod';
import type { WrongVariable } from './config-error.js';

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
  const shown = value.replace(/:\/\/.*@/s, '://[hidden]@');
  return { name, expected: issue.message, found: isSecret ? '[hidden]' : shown };
}
