/** Values that a player, a studio's code or another provider may give where a name is expected: none of them is one. */
export const hostileNames: [what: string, value: unknown][] = [
  ['an empty string', ''],
  ['a space', ' '],
  ['a space inside', 'a b'],
  ['a space at the end', 'ab '],
  ['a tab', 'a\tb'],
  ['a dot', '.'],
  ['dots at the ends', '.a.'],
  ['two dots', 'a..b'],
  ['the wildcard *', '*'],
  ['the wildcard >', '>'],
  ['a wildcard inside', 'a.*.b'],
  ['a protocol line', 'a\r\nPUB x 0\r\n\r\n'],
  ['a line feed at the end', 'ab\n'],
  ['NUL', 'a\0b'],
  ['DEL', 'a\x7f'],
  ['letters that are not ASCII', 'größe'],
  ['Cyrillic that looks like Latin', 'аnna'],
  ['an emoji', '🎲'],
  ['half a surrogate pair', '\ud800'],
  ['the other half', 'a\udc00'],
  ['a line separator', 'a\u2028b'],
  ['a very long one', 'a'.repeat(100_000)],
  ['a path', '../../etc/passwd'],
  ['quotes', `a"'b`],
  ['YAML', 'a: {b: c}'],
  ['a dollar', '$JS.API.STREAM.DELETE.PUSH'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['NaN', NaN],
  ['a bigint', 1n],
  ['a symbol', Symbol('anna')],
  ['a list of one good name', ['anna']],
  ['an object that says a good name', { toString: () => 'anna' }],
  ['an object that throws', new Proxy({}, { get: () => refuse(), getPrototypeOf: () => refuse() })],
];

/** Values that a game's code may throw, as JavaScript lets it: an error path must not throw in its turn. */
export const hostileErrors: [what: string, make: () => unknown][] = [
  ['an object with a bigint', () => ({ n: 1n })],
  ['a circular object', circularObject],
  [
    'a proxy that throws at every touch',
    () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse }),
  ],
  ['a revoked proxy', revokedProxy],
  [
    'an object whose getters throw',
    () => withGetters({}, 'code', 'message', 'statusCode', 'getError', 'stack'),
  ],
  ['an object without a prototype', bareObject],
  ['an object whose toString throws', () => ({ toString: refuse, toJSON: refuse })],
  ['undefined', () => undefined],
  ['null', () => null],
  ['a bigint', () => 1n],
  ['a symbol', () => Symbol('x')],
  ['an error whose message is no string', () => Object.assign(new Error(), { message: bareObject() })],
  ['an error whose message throws', () => withGetters(new Error(), 'message')],
  ['an error whose stack throws', () => withGetters(new Error(), 'stack')],
];

function bareObject(): object {
  return Object.create(null) as object;
}

function circularObject(): object {
  const circular: { self?: object } = {};
  circular.self = circular;
  return circular;
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function withGetters(target: object, ...names: string[]): object {
  for (const name of names) Object.defineProperty(target, name, { get: refuse, enumerable: true });
  return target;
}

function refuse(): never {
  throw new Error('not to be looked at');
}
