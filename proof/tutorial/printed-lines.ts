/**
 * Where in a text the last of these lines ends, when all are there in this order, each as a part of a line; else undefined. Runs of
 * blanks count as one, and `…` stands for the rest of a word.
 */
export function endOfLines(text: string, lines: readonly string[]): number | undefined {
  let from = 0;
  for (const line of lines) {
    const pattern = new RegExp(line.split(/\s+/).map(escapePattern).join('[ \\t]+'), 'g');
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (!found) return undefined;
    from = found.index + found[0].length;
  }
  return from;
}

function escapePattern(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('…', '\\S*');
}
