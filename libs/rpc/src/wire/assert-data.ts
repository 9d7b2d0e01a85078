/** By prototype: whether what has it is data, so that each class is looked at once. */
const verdicts = new WeakMap<object, boolean>();

/** Built-in classes whose objects JSON shows as what they are. */
const dataTags = new Set(['Object', 'Array', 'Arguments', 'Date', 'Boolean', 'Number', 'String']);

/**
 * Refuses what JSON would leave out or write down as `{}` or as its inner workings: a function, symbol, Error, RegExp, Promise, Map, Set,
 * generator, stream, typed array and their like, anywhere in a value that JSON can hold. A `toJSON` is called once more: JSON shows what it gives.
 *
 * @throws TypeError that names the class; and whatever a getter or `toJSON` of the value throws
 */
export function assertData(value: unknown): void {
  if (typeof value === 'object') {
    if (value !== null) assertObject(value, false);
  } else if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`a ${typeof value} is no data`);
  }
}

/** @param isShown a `toJSON` gave it: JSON asks it for no other */
function assertObject(value: object, isShown: boolean): void {
  if (Array.isArray(value)) {
    for (const item of value) assertData(item);
    return;
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    if (!isShown && prototype === Date.prototype) return;
    if (!isShown && hasToJson(value)) return assertShown(value);
    if (!isDataClass(value, prototype) || (isShown && value instanceof Date)) {
      throw new TypeError(`a ${nameOf(value)} is no data; binary goes as the whole payload`);
    }
  }
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    if (typeof part === 'object') {
      if (part !== null) assertObject(part, false);
    } else if (typeof part === 'function' || typeof part === 'symbol') {
      if (key === 'toJSON' && !isShown && hasToJson(value)) return assertShown(value);
      // JSON shows nothing that is inherited, such as the methods of a class in the old manner.
      if (key !== 'toJSON' && Object.hasOwn(value, key)) throw new TypeError(`a ${typeof part} is no data`);
    }
  }
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function' && !ArrayBuffer.isView(value);
}

function assertShown(value: { toJSON(): unknown }): void {
  const shown = value.toJSON();
  if (typeof shown === 'object' && shown !== null) assertObject(shown, true);
  else assertData(shown);
}

function isDataClass(value: object, prototype: object): boolean {
  let verdict = verdicts.get(prototype);
  if (verdict === undefined) {
    const { pipe, then } = value as { pipe?: unknown; then?: unknown };
    const isStreamOrPromise = typeof pipe === 'function' || typeof then === 'function';
    verdict = !isStreamOrPromise && (dataTags.has(tagOf(value)) || isOwnClass(value));
    verdicts.set(prototype, verdict);
  }
  return verdict;
}

/** `[object Error]` → `Error`. An error of any class has this tag. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** A class of the game that calls itself something: its tag is its own, not a built-in's. */
function isOwnClass(value: object): boolean {
  const tag = tagOf(value);
  return !(tag in globalThis) && !/Generator|Iterator|Module|Stream/.test(tag);
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : tagOf(value);
}
