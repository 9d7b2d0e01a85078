/** @throws Error that names those there are */
export function assertServerTypes(given: readonly string[], known: readonly string[]): void {
  const wrong = given.find((type) => !known.includes(type));
  if (wrong !== undefined)
    throw new Error(`There is no server type ${wrong}; there are ${known.join(', ')}.`);
}
