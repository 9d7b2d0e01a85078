/** Whether a word that a person typed means a name. */
type Means = (name: string, word: string) => boolean;

export const isSame: Means = (name, word) => name === word;
export const beginsWith: Means = (name, word) => name.startsWith(word);

/**
 * The names that an option such as `--only` chooses, in their own order.
 *
 * @throws Error that lists the names, where a word means none of them: a run of nothing finds no fault, and would pass
 */
export function chosenNames(names: readonly string[], words: readonly string[], means: Means): string[] {
  for (const word of words)
    if (!names.some((name) => means(name, word)))
      throw new Error(`There is no "${word}" here, only: ${names.join(', ')}`);
  return names.filter((name) => words.some((word) => means(name, word)));
}
