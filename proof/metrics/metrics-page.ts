import type { DeclaredMetric } from './declared-metrics.js';

/** The page that lists every metric, and the marks around what is made from the code. */
export const metricsPage = 'docs/metrics.md';
const marks = ['<!-- metrics: written by `npm run docs:metrics` -->', '<!-- end of metrics -->'] as const;

/** The page with the list of these metrics in place of the one that it has. */
export function withMetrics(page: string, declared: ReadonlyMap<string, readonly DeclaredMetric[]>): string {
  const [before, rest] = splitAt(page, marks[0]);
  const [, after] = splitAt(rest, marks[1]);
  const lists = [...declared].map(
    ([library, metrics]) =>
      `### ${library}\n\n[\`libs/${library}/src/metrics.ts\`](../libs/${library}/src/metrics.ts)\n\n${metrics.map(lineOf).join('\n')}\n`,
  );
  return `${before}${marks[0]}\n\n${lists.join('\n')}\n${marks[1]}${after}`;
}

function lineOf({ name, help, type, labels }: DeclaredMetric): string {
  const braces = labels.length > 0 ? `{${labels.join(', ')}}` : '';
  return `- \`${name}${braces}\` (${type}): ${help}.`;
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`${metricsPage} has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
