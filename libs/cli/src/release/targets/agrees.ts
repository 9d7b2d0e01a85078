/**
 * Whether an object is as it is asked for. Fields that the API server fills in, and the marks of a tool that applies from Git,
 * make no difference; an element more or less in a list does.
 */
export function agrees(asked: unknown, found: unknown): boolean {
  if (Array.isArray(asked))
    return (
      Array.isArray(found) &&
      asked.length === found.length &&
      asked.every((one, index) => agrees(one, found[index]))
    );
  if (typeof asked !== 'object' || asked === null) return asked === found;
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(asked).every(([key, value]) =>
    agrees(value, (found as Record<string, unknown>)[key]),
  );
}
