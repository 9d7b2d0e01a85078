import type { WrongVariable } from './config-error.js';
import { type Environment, secretVariables } from './schema.js';

/** Variables that one server type can't do without; of a list inside, one is enough. */
export type NeededVariables = readonly (keyof Environment | readonly (keyof Environment)[])[];

/** Those of `needed` that are not given. */
export function missingVariables(given: Record<string, unknown>, needed: NeededVariables): WrongVariable[] {
  return needed.flatMap((one) => {
    const names: readonly (keyof Environment)[] = typeof one === 'string' ? [one] : one;
    if (names.some((name) => given[name] !== undefined)) return [];
    const [name, ...others] = names;
    const what = (secretVariables as readonly string[]).includes(name ?? '') ? 'a secret' : 'a value';
    const instead = others.length > 0 ? `, here or in ${others.join(' or ')}` : '';
    return [{ name: name ?? '', expected: `expected ${what}${instead}` }];
  });
}
