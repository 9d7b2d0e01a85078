/**
 * Whether an object is as it is asked for. What the API server fills in, and the marks of a tool that applies from Git, are beside
 * what is asked for; an element more or less in a list is not.
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
