/**
 * How one value is another than expected: `pieces[2].x: 311 instead of 310`. Both as JSON has them.
 *
 * @param most lines; the last one says how many more there are
 */
export function listChanges(expected: unknown, found: unknown, most = 20): string[] {
  const lines: string[] = [];
  compare('', expected, found, lines);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), `and ${lines.length - most} more`];
}

function compare(path: string, expected: unknown, found: unknown, lines: string[]): void {
  if (Object.is(expected, found)) return;
  if (!isPlain(expected) || !isPlain(found) || Array.isArray(expected) !== Array.isArray(found)) {
    lines.push(`${path || 'all'}: ${show(found)} instead of ${show(expected)}`);
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const inner = Array.isArray(expected) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    compare(inner, expected[key], found[key], lines);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
