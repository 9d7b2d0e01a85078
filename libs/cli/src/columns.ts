import { stripVTControlCharacters } from 'node:util';
import { paint } from './paint.js';

/** Rows as text, each column as wide as its widest cell. @param rows that of the headings first */
export function columns(rows: string[][]): string {
  // Not by a spread: a function takes some hundred thousand arguments at most, and an audit has as many lines.
  const widest = (column: number): number =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[column])), 0);
  const widths = rows[0]?.map((_, column) => widest(column)) ?? [];
  const [headings = '', ...lines] = rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
  return [paint('bold', headings), ...lines].join('\n');
}

/** Colours take no place. */
function widthOf(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}
