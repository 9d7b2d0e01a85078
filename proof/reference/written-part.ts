/**
 * The page with this text in the place of the part that a command writes. The part stands between `<!-- <name>: written by … -->` and
 * `<!-- end of <name> -->`.
 *
 * @throws Error when the page has no such part
 */
export function withWrittenPart(page: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}: written by .* -->\n)[^]*?(<!-- end of ${name} -->)`);
  if (!part.test(page)) throw new Error(`The page has no part named ${name}`);
  return page.replace(part, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`);
}

/** A table of Markdown, aligned as the formatter of this repository does it. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [lineOf(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...others.map(lineOf)]
    .join('\n')
    .concat('\n');
}
