import { parseArgs } from 'node:util';
import { type HouseFigures, measureHouse } from './house-figures.js';
import { readCommit, readWorkingTree } from './source-tree.js';

const usage = `npm run house [-- --at <commit>]

Prints the figures of the production code (apps, game, libs, examples), as it lies here and, with --at, as it was at a commit.
The last line is JSON.
`;

const labels: Array<[keyof HouseFigures, string]> = [
  ['files', 'files'],
  ['lines', 'lines'],
  ['fileMedian', 'lines of a file, median'],
  ['fileP90', 'lines of a file, p90'],
  ['fileLongest', 'lines of a file, longest'],
  ['functions', 'functions'],
  ['functionMedian', 'lines of a function, median'],
  ['functionP90', 'lines of a function, p90'],
  ['functionLongest', 'lines of a function, longest'],
  ['cycles', 'import cycles'],
  ['cyclesOfTypes', 'import cycles, with types'],
  ['oneWordNames', 'function names of one word, %'],
  ['frequentNames', 'names in more than 8 places'],
  ['exports', 'exported names'],
  ['documentedExports', 'exports with a docstring, %'],
  ['exportsPerFile', 'exported names a file'],
];

try {
  printFigures();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}

function printFigures(): void {
  const { values } = parseArgs({ options: { at: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) return void process.stdout.write(usage);
  const now = measureHouse(readWorkingTree());
  const before = values.at === undefined ? undefined : measureHouse(readCommit(values.at));
  const columns = [
    ...(before ? [{ title: values.at!, figures: before }] : []),
    { title: 'here', figures: now },
  ];
  printRow(
    '',
    columns.map(({ title }) => title),
  );
  for (const [key, label] of labels)
    printRow(
      label,
      columns.map(({ figures }) => shown(figures[key])),
    );
  process.stdout.write(`${JSON.stringify(before ? { before, now } : { now })}\n`);
}

function printRow(label: string, cells: string[]): void {
  process.stdout.write(`${label.padEnd(32)}${cells.map((cell) => cell.padStart(12)).join('  ')}\n`);
}

function shown(figure: HouseFigures[keyof HouseFigures]): string {
  if (typeof figure === 'number') return String(figure);
  return (
    Object.entries(figure)
      .map(([name, places]) => `${name} ${places}`)
      .join(', ') || 'none'
  );
}
