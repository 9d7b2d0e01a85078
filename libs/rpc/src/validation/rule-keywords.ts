import { nameSchema, type NameKind } from '@ccgame/config';
import type { Rule } from './dto-rules.js';
import { isNameRule } from './is-name.js';

/** A JSON Schema, with one keyword of ours: `satisfies`, a list of functions. */
export type Schema = Record<string, unknown>;

/** The words of JSON Schema for a rule of class-validator. */
export interface RuleKeywords {
  keywords: Schema;
  /**
   * `keywords`: they have the rule's outcome on anything that JSON can hold, and Ajv is faster with them. `both`: the rule is
   * stricter or laxer at the edge, so that both are asked. `rule`: they only describe it.
   */
  decides: 'keywords' | 'both' | 'rule';
}

type Describe = (constraints: unknown[], rule: Rule) => RuleKeywords | undefined;

const decidedBy =
  (decides: RuleKeywords['decides']) =>
  (keywords: Schema | undefined): RuleKeywords | undefined =>
    keywords && { keywords, decides };
const whole = decidedBy('keywords');
const both = decidedBy('both');
const described = decidedBy('rule');
const same =
  (keywords: RuleKeywords | undefined): Describe =>
  () =>
    keywords;

const text = same(described({ type: 'string' }));
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const rulesOfNumbers: Record<string, Describe> = {
  isInt: same(whole({ type: 'integer' })),
  isNumber: ([options]) => {
    const { allowNaN, allowInfinity, maxDecimalPlaces } = Object(options) as Record<string, unknown>;
    const isPlain = !allowNaN && !allowInfinity && maxDecimalPlaces === undefined;
    return isPlain ? whole({ type: 'number' }) : described({ type: 'number' });
  },
  isPositive: same(whole({ type: 'number', exclusiveMinimum: 0 })),
  isNegative: same(whole({ type: 'number', exclusiveMaximum: 0 })),
  isDivisibleBy: ([by]) => described({ type: 'number', ...(Number.isInteger(by) && { multipleOf: by }) }),
  min: ([bound]) => (isNumber(bound) ? whole({ type: 'number', minimum: bound }) : undefined),
  max: ([bound]) => (isNumber(bound) ? whole({ type: 'number', maximum: bound }) : undefined),
};

/** Rules of texts that JSON Schema has no further words for. */
const otherTexts = [
  ...['isAlpha', 'isAlphanumeric', 'isAscii', 'isBase64', 'isBooleanString', 'isByteLength', 'isDateString'],
  ...['isDecimal', 'isFqdn', 'isHash', 'isHexColor', 'isIp', 'isIso8601', 'isJson', 'isJwt', 'isLocale'],
  ...['isLowercase', 'isMimeType', 'isMobilePhone', 'isNumberString', 'isPhoneNumber', 'isPort', 'isSemVer'],
  ...['isStrongPassword', 'isTimeZone', 'isUppercase', 'isUrl'],
];

const rulesOfTexts: Record<string, Describe> = {
  ...Object.fromEntries(otherTexts.map((name) => [name, text])),
  isString: same(whole({ type: 'string' })),
  // class-validator leaves variation selectors uncounted.
  isLength: ([min, max]) => both({ type: 'string', ...lengths(min, max) }),
  minLength: ([min]) => both({ type: 'string', ...lengths(min, undefined) }),
  maxLength: ([max]) => both({ type: 'string', ...lengths(undefined, max) }),
  matches: ([pattern, modifiers]) => matchesKeywords(pattern, modifiers),
  contains: ([seed]) => described({ type: 'string', pattern: escapePattern(String(seed)) }),
  notContains: ([seed]) => described({ type: 'string', not: { pattern: escapePattern(String(seed)) } }),
  isUuid: ([version]) => described({ type: 'string', format: 'uuid', ...uuidPattern(version) }),
  isMongoId: same(described({ type: 'string', pattern: '^[0-9a-fA-F]{24}$' })),
  isHexadecimal: same(described({ type: 'string', pattern: '^(0[xXhH])?[0-9a-fA-F]+$' })),
  isEmail: same(described({ type: 'string', format: 'email' })),
  isRfc3339: same(described({ type: 'string', format: 'date-time' })),
  [isNameRule]: ([kind]) => described(nameSchema(kind as NameKind)),
};

const rulesOfLists: Record<string, Describe> = {
  isArray: same(whole({ type: 'array' })),
  arrayMinSize: ([size]) => (isNumber(size) ? whole({ type: 'array', minItems: size }) : undefined),
  arrayMaxSize: ([size]) => (isNumber(size) ? whole({ type: 'array', maxItems: size }) : undefined),
  arrayNotEmpty: same(whole({ type: 'array', minItems: 1 })),
  // Two equal objects are unique to class-validator, and not to JSON Schema.
  arrayUnique: same(described({ type: 'array' })),
  arrayContains: same(described({ type: 'array' })),
  arrayNotContains: same(described({ type: 'array' })),
};

const rulesOfValues: Record<string, Describe> = {
  // A body has no Date: it is made of a text by `@Type`.
  isDate: same(described({ type: 'string', format: 'date-time' })),
  isBoolean: same(whole({ type: 'boolean' })),
  isObject: same(whole({ type: 'object' })),
  isNotEmptyObject: same(described({ type: 'object', minProperties: 1 })),
  isDefined: same(whole({ not: { type: 'null' } })),
  isNotEmpty: same(whole({ not: { enum: ['', null] } })),
  isEmpty: same(whole({ enum: ['', null] })),
  isIn: ([values]) => whole(enumOf(values)),
  isEnum: ([values]) => whole(enumOf(Object.values(Object(values) as object))),
  isNotIn: ([values]) => whole(notOf(enumOf(values))),
  equals: ([value]) => whole(enumOf([value])),
  notEquals: ([value]) => whole(notOf(enumOf([value]))),
};

const rules: Record<string, Describe> = {
  ...rulesOfNumbers,
  ...rulesOfTexts,
  ...rulesOfLists,
  ...rulesOfValues,
};

/** Undefined: JSON Schema has no words for the rule. */
export function ruleKeywords(rule: Rule): RuleKeywords | undefined {
  const name = rule.name ?? rule.type;
  return Object.hasOwn(rules, name) ? rules[name]?.(rule.constraints ?? [], rule) : undefined;
}

function lengths(min: unknown, max: unknown): Schema {
  return { ...(isNumber(min) && { minLength: min }), ...(isNumber(max) && { maxLength: max }) };
}

/** A pattern of JSON Schema has the flag `u` and no other; one that was written without it differs beyond the BMP alone. */
function matchesKeywords(pattern: unknown, modifiers: unknown): RuleKeywords | undefined {
  const { source, flags } =
    pattern instanceof RegExp ? pattern : { source: String(pattern), flags: modifiers ?? '' };
  if ((flags !== '' && flags !== 'u') || !isUnicodePattern(source)) return described({ type: 'string' });
  return (flags === 'u' ? whole : both)({ type: 'string', pattern: source });
}

function isUnicodePattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').source === source;
  } catch {
    return false;
  }
}

function escapePattern(plain: string): string {
  return plain.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
}

const hex = (count: number): string => `[0-9a-fA-F]{${count}}`;

function uuidPattern(version: unknown = 'all'): Schema {
  const digit = version === 'all' ? '[1-8]' : /^[1-8]$/.exec(String(version))?.[0];
  if (digit === undefined) return {};
  const one = `${hex(8)}-${hex(4)}-${digit}${hex(3)}-[89abAB]${hex(3)}-${hex(12)}`;
  const special = ['0', '[fF]'].map((each) => [8, 4, 4, 4, 12].map((count) => `${each}{${count}}`).join('-'));
  return { pattern: version === 'all' ? `^(${[one, ...special].join('|')})$` : `^${one}$` };
}

function enumOf(values: unknown): Schema | undefined {
  const isPlain = (value: unknown): boolean =>
    value === null || typeof value === 'string' || typeof value === 'boolean' || isNumber(value);
  return Array.isArray(values) && values.length > 0 && values.every(isPlain)
    ? { enum: [...new Set(values)] }
    : undefined;
}

function notOf(schema: Schema | undefined): Schema | undefined {
  return schema && { not: schema };
}
