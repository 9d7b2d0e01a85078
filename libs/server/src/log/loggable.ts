import { types } from 'node:util';
import { showValue } from '@ccgame/config';

/** Fields whose values are in no log, at the top of a line or one below. */
export const hiddenFields = ['token', 'password', 'secret', 'authorization', 'serverKey'];

/**
 * The part that can always be written of an object that pino could not write, as one with a getter that throws: its fields as
 * text. Runs no code of the object's own, and never throws.
 */
export function loggableFields(value: object, depth = 2): Record<string, unknown> {
  try {
    const fields = Object.entries(Object.getOwnPropertyDescriptors(value));
    return Object.fromEntries(fields.map(([name, field]) => [name, loggableField(name, field, depth - 1)]));
  } catch {
    return { unloggable: showValue(value) };
  }
}

function loggableField(name: string, field: PropertyDescriptor, depth: number): unknown {
  if (hiddenFields.includes(name)) return '[hidden]';
  if (!('value' in field)) return '[getter]';
  const value: unknown = field.value;
  const isObject = typeof value === 'object' && value !== null && !types.isNativeError(value);
  return isObject && depth > 0 ? loggableFields(value, depth) : showValue(value);
}
