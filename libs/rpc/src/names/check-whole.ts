import { showValue } from '@ccgame/config';
import { invalid } from '../validation/invalid.js';

/** A whole number within bounds, both included. @throws RpcError INVALID that names the field and the bounds */
export function checkWhole(field: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid([{ field, rule: `expected a whole number from ${min} to ${max}` }], {
    message: `${field} is ${showValue(value, 100)}`,
  });
}
