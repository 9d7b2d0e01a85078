/** Words of which sentences about secrets are made ("replace this with a long random string"), and names out of every game's backend. */
const filler = new Set(
  `a all an and any at base be been before bit bits by bytes change char character characters chars command default defined deploy dev
  development do does dont dummy enter env example fake first fixme for from generate generated go here hex in insert internal is it jwt key
  keys laptop later letters live local long make me min minimum must my never nobody no none not of only openssl operations or our own passphrase
  password placeholder please pls prod production put rand random real replace root sample secret secrets secure set should some
  something staging string strong super team temp temporary test testing tests text that the this to todo token unit until use user value
  very with xxx you your admin auth backend connector cron game games http matching nats server service storage studio`.split(
    /\s+/,
  ),
);

/** The words of a text, in lower case: `myServer-KEY` → my, server, key. */
const wordsIn = (text: string): string[] =>
  text
    .split(/[^\p{L}]+|(?<=\p{Ll})(?=\p{Lu})/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());

/** Whether most of a text's letters and digits are in {@link filler} words. */
export function isMostlyFiller(text: string): boolean {
  const letters = wordsIn(text).filter((word) => filler.has(word));
  const length = letters.reduce((sum, word) => sum + word.length, 0);
  return length > 0 && length >= 0.6 * text.replace(/[^\p{L}\p{N}]+/gu, '').length;
}

/** Whether it is a passphrase: five words and more, and two of three say nothing of secrets. */
export function hasOwnWords(text: string): boolean {
  const words = wordsIn(text);
  // Random characters have such words by chance, with shorter rests between them.
  if (words.length < 5 || words.some(({ length }) => length < 3)) return false;
  const own = words.filter((word) => !filler.has(word));
  return new Set(own).size >= 4 && own.length >= (2 / 3) * words.length;
}
