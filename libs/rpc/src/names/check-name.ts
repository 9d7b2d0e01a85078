import { expectedName, isName, type NameKind, showValue } from '@ccgame/config';
import { invalid } from '../validation/invalid.js';

/**
 * The one door from a word to a subject, a KV key, a stream's name or a header.
 *
 * @throws RpcError INVALID that names the kind and what was expected
 */
export function checkName(kind: NameKind, value: unknown): string {
  if (isName(kind, value)) return value as string;
  throw invalid([{ field: kind, rule: `expected ${expectedName(kind)}` }], {
    message: `Not a ${kind}: ${JSON.stringify(showValue(value, 100))}`,
  });
}
