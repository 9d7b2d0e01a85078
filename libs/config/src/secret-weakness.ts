/** Below this a secret can be found by trying: 32 random hexadecimal digits have some 110 by this measure. */
const fewestBits = 64;
/** The fewest different steps between neighbouring characters: text that repeats itself or counts up has few. */
const fewestSteps = 10;

/** Words that a random text never has, and a placeholder does. */
const placeholder =
  /change.?(me|it)|password|secret|placeholder|replace.?me|your.?(key|token)|example|development|qwerty|letmein/i;
/** Shorter ones, which a random text may have by chance: as words of their own. */
const placeholderWord =
  /(^|[^a-z0-9])(test|tests|testing|sample|dummy|default|todo|fixme|insert|none)([^a-z0-9]|$)/i;

/**
 * Why everybody could guess a secret; undefined for one that was made at random.
 *
 * @param text the secret alone, without a user name or an address around it
 */
export function weaknessOf(text: string): string | undefined {
  // Someone may have encoded it once more than Kubernetes does.
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  if ([text, decoded].some((one) => /^(example|development)-/i.test(one))) return 'a published example';
  if (placeholder.test(text) || placeholderWord.test(text)) return 'a placeholder';
  if (bitsOf(text) < fewestBits || stepsIn(text) < fewestSteps) return 'too easy to guess';
  return undefined;
}

/** Shannon's entropy of the characters, in bits. Source: C. E. Shannon, A Mathematical Theory of Communication, 1948. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const { length } = [...text];
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / length), 0);
}

function stepsIn(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0))).size;
}
