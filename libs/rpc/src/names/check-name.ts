import { expectedName, isName, type NameKind, showValue } from '@ccgame/config';
import { invalid } from '../validation/invalid.js';

/**
 * The one door from a word to a subject, a KV key, a stream's name or a header.
 *
 * @param field by which the caller sent it, where that isn't its kind: a leader is a player id
 * @throws RpcError INVALID that names the field and what was expected
 */
export function checkName(kind: NameKind, value: unknown, field: string = kind): string {
  if (isName(kind, value)) return value as string;
  throw invalid([{ field, rule: `expected ${expectedName(kind)}` }], {
    message: `Not a ${kind}: ${JSON.stringify(showValue(value, 100))}`,
  });
}
