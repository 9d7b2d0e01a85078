import { hasOwnWords, isMostlyFiller } from './filler-words.js';

/** Below this a secret can be found by trying: 32 random hexadecimal digits have some 110 by this measure. */
const fewestBits = 64;
/** The fewest different steps between neighbouring characters: text that repeats itself or counts up has few. */
const fewestSteps = 10;

/** Beginnings of the values in this project's files, and texts that stand in guides and books everywhere. */
const published =
  /^(example|development)-|^correct.?horse.?battery.?staple$|keyboard.?cat|quick.?brown.?fox|lorem.?ipsum/i;
/** Words that a random text never has, and a placeholder does. */
const placeholder =
  /change.?(me|it)|password|secret|placeholder|replace.?me|your.?(key|token)|example|development|qwerty|letmein/i;
/** Shorter ones, which a random text may have by chance: as words of their own. */
const placeholderWord =
  /(^|[^a-z0-9])(test|tests|testing|sample|dummy|default|todo|fixme|insert|none)([^a-z0-9]|$)/i;
/** A reference that a tool should have put a secret in the place of: `${KEY}`, `$(command)`, `{{ .Values.key }}`, `<key>`, `vault:path`, `op://path`. */
const reference = /^\$\{.*\}|^\$\(.*\)$|^\{\{.*\}\}$|^<.*>$|^(vault|arn):|^[a-z][a-z+.-]*:\/\//i;

/**
 * Why everybody could guess a secret; undefined for one that was made at random, of characters or of five words and more.
 *
 * @param text the secret alone, without a user name or an address around it
 */
export function weaknessOf(text: string): string | undefined {
  // Someone may have encoded it once more than Kubernetes does.
  const isEncoded = /^[\w+/-]+={0,2}$/.test(text);
  const both = isEncoded ? [text, Buffer.from(text, 'base64').toString('latin1')] : [text];
  if (both.some((one) => published.test(one))) return 'a published example';
  if (both.some(isPlaceholder)) return 'a placeholder';
  if (bitsOf(text) < fewestBits || stepsIn(text) < fewestSteps) return 'too easy to guess';
  return undefined;
}

/** A passphrase of random words may have one of them among its own. */
function isPlaceholder(text: string): boolean {
  if (reference.test(text) || isMostlyFiller(text)) return true;
  return !hasOwnWords(text) && (placeholder.test(text) || placeholderWord.test(text));
}

/**
 * Shannon's entropy of the characters, in bits; one that is repeated counts once. Source: C. E. Shannon, A Mathematical Theory of
 * Communication, 1948.
 */
function bitsOf(text: string): number {
  const characters = [...text].filter((character, index, all) => character !== all[index - 1]);
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / characters.length), 0);
}

function stepsIn(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0))).size;
}
