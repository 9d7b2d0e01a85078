import type { AttributeRule, Mode } from './mode.js';
import type { Attributes } from '../ticket.js';

/** An attribute of a join that breaks the mode's rules. */
export interface AttributeProblem {
  /** Its name, cut to 64 characters; empty for the whole. */
  attribute: string;
  problem:
    | 'not-an-object'
    | 'too-many'
    | 'unknown'
    | 'missing'
    | 'wrong-type'
    | 'not-finite'
    | 'out-of-bounds'
    | 'too-long'
    | 'malformed'
    | 'not-a-value'
    | 'set-by-server';
  /** The value that would have been right, for people. */
  expected: string;
}

const mostAttributes = 32;

/**
 * Tells what is wrong with attributes, at most 32 problems. None: {@link completeAttributes} may have them.
 *
 * @param by a client may not say what a server sets; what that is has to be there only once a server has said it
 */
export function checkAttributes(
  { attributes: rules = {} }: Mode,
  given: unknown,
  by: 'client' | 'server' = 'server',
): AttributeProblem[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return [{ attribute: '', problem: 'not-an-object', expected: 'an object of attributes by name' }];
  const names = Object.keys(given);
  if (names.length > mostAttributes)
    return [{ attribute: '', problem: 'too-many', expected: `at most ${mostAttributes} attributes` }];
  const known = Object.keys(rules);
  const expected = known.length > 0 ? `one of ${known.join(', ')}` : 'no attributes';
  const unknown = names
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name): AttributeProblem => ({ attribute: name.slice(0, 64), problem: 'unknown', expected }));
  const wrong = known.flatMap((name) => {
    const rule = rules[name];
    const value: unknown = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
    if (rule?.setBy === 'server' && by === 'client') return value === undefined ? [] : [notTheirs(name)];
    const problem = rule && problemOf(rule, value);
    return rule && problem ? [{ attribute: name, problem, expected: expectationOf(rule) }] : [];
  });
  return [...unknown, ...wrong].slice(0, mostAttributes);
}

/**
 * The attributes with the mode's defaults where one is left out. They were checked when the ticket was opened: where the mode has changed since,
 * one that it doesn't take any more counts as left out.
 */
export function completeAttributes({ attributes: rules = {} }: Mode, given: Attributes): Attributes {
  const entries = Object.entries(rules).flatMap(([name, rule]): Array<[string, string | number]> => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = own !== undefined && problemOf(rule, own) === undefined ? own : rule.default;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** The number that counts as the skill of a ticket with these complete attributes. */
export function skillOf({ skill }: Mode, attributes: Attributes): number {
  const value = skill && attributes[skill.attribute];
  return typeof value === 'number' ? value : 0;
}

const notTheirs = (attribute: string): AttributeProblem => ({
  attribute,
  problem: 'set-by-server',
  expected: 'nothing: a server sets it',
});

function problemOf(rule: AttributeRule, value: unknown): AttributeProblem['problem'] | undefined {
  if (value === undefined) return rule.optional || rule.default !== undefined ? undefined : 'missing';
  if (rule.type === 'number') return numberProblem(rule, value);
  if (typeof value !== 'string') return 'wrong-type';
  if (rule.type === 'enum') return rule.values.includes(value) ? undefined : 'not-a-value';
  if (value.length > (rule.maxLength ?? 64)) return 'too-long';
  // Half a surrogate pair can't be written as UTF-8, and a control character is nothing that a person typed.
  return /\p{Surrogate}|\p{Cc}/u.test(value) ? 'malformed' : undefined;
}

function numberProblem(
  { min, max, integer }: Extract<AttributeRule, { type: 'number' }>,
  value: unknown,
): AttributeProblem['problem'] | undefined {
  if (typeof value !== 'number') return 'wrong-type';
  if (!Number.isFinite(value)) return 'not-finite';
  if (integer && !Number.isInteger(value)) return 'wrong-type';
  return value < min || value > max ? 'out-of-bounds' : undefined;
}

function expectationOf(rule: AttributeRule): string {
  switch (rule.type) {
    case 'enum':
      return `one of ${rule.values.join(', ')}`;
    case 'number':
      return `${rule.integer ? 'a whole number' : 'a number'} from ${rule.min} to ${rule.max}`;
    case 'string':
      return `a text of at most ${rule.maxLength ?? 64} characters`;
  }
}
