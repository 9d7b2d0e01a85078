import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];
/** The part of a stream that tells whether colours are seen on it. */
type Shown = Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'hasColors'>>;

/** The text in this style where the stream is a terminal with colours. `NO_COLOR` and `FORCE_COLOR` have the last word. */
export function paint(style: Style, text: string, stream: Shown = process.stdout): string {
  return showsColors(stream) ? styleText(style, text, { validateStream: false }) : text;
}

/** The lines with the mark that each begins with in its colour: ✓ ✗ ! */
export function paintMarks(lines: string): string {
  return lines.replace(/^[✓✗!](?= )/gm, (mark) => paint(styleOf[mark] ?? 'reset', mark));
}

const styleOf: Record<string, Style> = { '✓': 'green', '✗': 'red', '!': 'yellow' };

function showsColors(stream: Shown): boolean {
  const { FORCE_COLOR = '', NO_COLOR = '' } = process.env;
  if (FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return NO_COLOR === '' && stream.isTTY === true && stream.hasColors?.() === true;
}
