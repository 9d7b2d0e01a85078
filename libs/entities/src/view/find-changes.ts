import { assertData } from '@ccgame/rpc';

/** An object or a list, by its keys. */
type Container = Record<string, unknown>;

/**
 * The difference between `known` and `now`, as the JSON of a `ViewChange`; undefined: there is none. `known` is made the same by it: it is
 * a copy that belongs to nobody else. Both are objects, or both are lists.
 *
 * @throws where `now` can't be JSON, or would come as something else; `known` is neither of both then
 */
export function findChanges(known: object, now: object): string | undefined {
  const parts = Array.isArray(known)
    ? changesOfList(known, now as unknown[])
    : changesOfObject(known as Container, now as Container);
  return parts === '' ? undefined : `{${parts.slice(1)}}`;
}

/** A copy as it would come by JSON. @throws TypeError for what JSON can't hold, and for what it would show as something else, such as a Map */
export function copyAsJson<T extends object>(value: T): T {
  return JSON.parse(jsonOf(value)) as T;
}

/** @throws TypeError for an object of a built-in class that JSON shows as `{}`; its parts are not looked at where it is plain */
export function assertPlain(value: object): void {
  const prototype = Object.getPrototypeOf(value) as unknown;
  const isPlain = prototype === Object.prototype || prototype === Array.prototype || prototype === null;
  if (!isPlain) assertData(value);
}

function jsonOf(value: object): string {
  // First, as it finds circles.
  const json = JSON.stringify(value);
  assertData(value);
  return json;
}

function changesOfObject(known: Container, now: Container): string {
  let parts = '';
  let count = 0;
  for (const key of Object.keys(now)) {
    const value = now[key];
    if (!isJson(value) || key === '__proto__') continue;
    count += 1;
    parts += changeAt(known, key, value);
  }
  const keys = Object.keys(known);
  if (keys.length === count) return parts;
  for (const key of keys) {
    if (Object.hasOwn(now, key) && isJson(now[key])) continue;
    delete known[key];
    parts += `,${quoted(key)}:null`;
  }
  return parts;
}

function changesOfList(known: unknown[], now: readonly unknown[]): string {
  let parts = '';
  if (now.length < known.length) {
    known.length = now.length;
    parts = `,"length":${now.length}`;
  }
  for (let index = 0; index < now.length; index += 1) {
    const value = now[index];
    parts += changeAt(known as unknown as Container, String(index), isJson(value) ? value : null);
  }
  return parts;
}

/** Empty: it is the same. */
function changeAt(known: Container, key: string, value: unknown): string {
  const before = Object.hasOwn(known, key) ? known[key] : undefined;
  if (value === before) return '';
  if (isContainer(value)) {
    if (hasOwnJson(value)) return changeAt(known, key, JSON.parse(JSON.stringify(value) ?? 'null'));
    if (isContainer(before) && isSameKind(before, value)) {
      assertPlain(value);
      const inner = findChanges(before, value);
      return inner === undefined ? '' : `,${quoted(key)}:${inner}`;
    }
    return setAt(known, key, jsonOf(value));
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return before === null ? '' : setAt(known, key, 'null');
  }
  if (value === null) return setAt(known, key, 'null');
  known[key] = value;
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  return `,${quoted(key)}:${isPlain ? String(value) : JSON.stringify(value)}`;
}

function setAt(known: Container, key: string, json: string): string {
  known[key] = JSON.parse(json);
  return `,${quoted(key)}:[${json}]`;
}

/** Whether changes can lead from one to the other: both are lists, or neither is. */
export const isSameKind = (one: object, other: object): boolean =>
  Array.isArray(one) === Array.isArray(other);

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** As a date has one. */
const hasOwnJson = (value: object): boolean => typeof (value as { toJSON?: unknown }).toJSON === 'function';
/** JSON leaves the others out of an object. */
const isJson = (value: unknown): boolean =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';

const plainKey = /^[\w-]+$/;
const quoted = (key: string): string => (plainKey.test(key) ? `"${key}"` : JSON.stringify(key));
