import { isDeclaredCode } from '../errors.js';

/** Codes that nobody declared here, of another app or of code that makes them up, of which metrics and figures tell so many apart. */
const mostUndeclared = 100;
const undeclared = new Set<string>();

/**
 * An error's code as the label of a metric: a game's code may make codes of what players send, and each would be a series for ever.
 *
 * @param code or `ok`
 */
export function codeLabel(code: string): string {
  if (code === 'ok' || isDeclaredCode(code) || undeclared.has(code)) return code;
  if (undeclared.size >= mostUndeclared) return 'other';
  undeclared.add(code);
  return code;
}
