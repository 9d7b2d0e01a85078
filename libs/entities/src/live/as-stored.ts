/** The payload of a handler as it is stored and played again: undefined where none was given, and plain JSON else. */
export function asStored(given: unknown): unknown {
  return given === undefined ? undefined : (JSON.parse(JSON.stringify(given)) as unknown);
}
