import { inspect } from 'node:util';

/**
 * Any value as text for a log or a message. Never throws: cycles, bigint, proxies and getters that throw are shown as far
 * as they go. Runs no code of the value's own but an error's `stack`.
 */
export function showValue(value: unknown, maxLength = 10_000): string {
  try {
    if (typeof value === 'string') return value.slice(0, maxLength);
    const shown = inspect(value, { depth: 4, customInspect: false, maxStringLength: maxLength });
    return shown.slice(0, maxLength);
  } catch {
    return `a ${typeof value} that can't be shown`;
  }
}

/** The text of whatever was thrown, for a log or a message. Never throws, as {@link showValue}. */
export function errorText(thrown: unknown, maxLength = 1_000): string {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string')
      return thrown.message.slice(0, maxLength);
  } catch {
    // Its prototype or its message can't be read.
  }
  return showValue(thrown, maxLength);
}
