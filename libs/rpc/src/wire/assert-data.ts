/** By prototype: whether what has it is data, so that each class is looked at once. */
const verdicts = new WeakMap<object, boolean>();

/** Built-in classes whose objects JSON shows as what they are. */
const dataTags = new Set(['Object', 'Array', 'Arguments', 'Date', 'Boolean', 'Number', 'String']);

/**
 * Refuses what JSON would write down as `{}` or as its inner workings: an Error, RegExp, Promise, Map, Set, generator,
 * stream, typed array and their like, anywhere in a value that JSON can hold.
 *
 * @throws TypeError that names the class; and whatever a getter of the value throws
 */
export function assertData(value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (Array.isArray(value)) {
    for (const item of value) {
      assertData(item);
    }
    return;
  }
  if (prototype !== Object.prototype && prototype !== null) {
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function' && !ArrayBuffer.isView(value)) {
      return;
    }
    if (!isDataClass(value, prototype)) {
      throw new TypeError(`a ${nameOf(value)} is no data; binary goes as the whole payload`);
    }
  }
  for (const key in value) {
    assertData((value as Record<string, unknown>)[key]);
  }
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
