/** Shared by the test files of one of Jest's workers (jest-environment.cjs). */
const found = (globalThis as { [key: symbol]: Map<string, string> | undefined })[Symbol.for('ccgame.found')];

/** Gives the finding of an earlier test file of this worker, or finds it now. Without Jest nothing is kept. */
export async function foundBefore(key: string, find: () => Promise<string>): Promise<string> {
  const known = found?.get(key);
  if (known !== undefined) return known;
  const value = await find();
  found?.set(key, value);
  return value;
}
