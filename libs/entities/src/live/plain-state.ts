import { assertData } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import { synchronous } from './synchronous.js';

/**
 * A state that code of an entity gave, as it is stored: the code that goes on with it sees at once what a successor would see.
 *
 * @param method that gave it
 * @throws TypeError for no object, for what JSON can't hold or would leave out, and for a number that it would write as null
 */
export function plainState(method: string, given: unknown): { state: object; bytes: number } {
  // First, as it finds circles.
  const json = JSON.stringify(synchronous(method, given) ?? null) ?? 'null';
  assertData(given);
  const loss = findLostNumber(given);
  if (loss !== undefined) throw new TypeError(`${method} gave what is stored as null: state${loss}`);
  const state: unknown = JSON.parse(json);
  if (typeof state !== 'object' || state === null) throw new TypeError(`${method} gave no object`);
  return { state, bytes: Buffer.byteLength(json) };
}

/** The state of a newborn entity. @throws RpcError STATE_TOO_LARGE; TypeError as {@link plainState} */
export function newState(given: unknown, limit: number): object {
  const { state, bytes } = plainState('create', given);
  if (bytes > limit) throw EntityErrors.STATE_TOO_LARGE({ details: { bytes, limit } });
  return state;
}

/** Tells of a state that comes back as another one when the entity sleeps or moves. @throws TypeError for the first part that does */
export function assertKept(state: unknown): void {
  assertData(state);
  const loss = findLostNumber(state) ?? findLostShape(state);
  if (loss !== undefined) throw new TypeError(`state${loss}`);
}

/** As `discs[2].speed is NaN`; undefined: there is none. */
const findLostNumber = (value: unknown): string | undefined =>
  findPart(value, (part) => (typeof part === 'number' && !Number.isFinite(part) ? String(part) : undefined));

/** As `startedAt is a Date`, or `discs[2] is an object of Disc, whose methods are not stored`. */
const findLostShape = (value: unknown): string | undefined => findPart(value, lostShapeOf);

function lostShapeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // It finds holes, too.
  if (Array.isArray(value)) return value.includes(undefined) ? 'a list with undefined in it' : undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return undefined;
  if (value instanceof Date) return 'a Date';
  // Fields alone come back as they were.
  const isBare = Object.getOwnPropertyNames(prototype).length === 1;
  return isBare ? undefined : `an object of ${prototype.constructor.name}, whose methods are not stored`;
}

/** @param tell gives what a part is, in some words, where it is looked for */
function findPart(value: unknown, tell: (part: unknown) => string | undefined): string | undefined {
  const told = tell(value);
  if (told !== undefined) return ` is ${told}`;
  if (typeof value !== 'object' || value === null) return undefined;
  // JSON asks it for another value.
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined;
  for (const [key, part] of Object.entries(value)) {
    const inside = findPart(part, tell);
    if (inside !== undefined) return Array.isArray(value) ? `[${key}]${inside}` : `.${key}${inside}`;
  }
  return undefined;
}
