import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCodeOf } from '../clients/exit-code.js';
import { installPython } from '../clients/install-python.js';
import { allCases } from './cases/index.js';
import { runCases } from './run-cases.js';

/**
 * `npm run test:conformance`: plays the server of docs/protocol.md to a client, one case after another, and looks at what the client
 * sends and shows. Exit code 1: it did something else, or with `--all` a client could not be installed.
 */
const { values } = parseArgs({
  options: {
    /** A program that speaks the commands of clients/README.md; left out: the SDK and the Python client. */
    client: { type: 'string' },
    /** Only the cases whose group or name has this. */
    only: { type: 'string', default: '' },
    /** Cases at once. */
    jobs: { type: 'string', default: '4' },
    /** A client that can't be installed here is a failure, and not left out. */
    all: { type: 'boolean', default: false },
  },
});
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const cases = Object.entries(allCases).flatMap(([group, some]) =>
  some.filter(({ name }) => `${group} ${name}`.includes(values.only)),
);
let passed = 0;
let failed = 0;
let skipped = 0;

for (const [name, find] of clients()) {
  tell(`\n• ${name}`);
  const command = commandOf(find);
  if (!command) continue;
  const results = await runCases(cases, command, Number(values.jobs), ({ name: what, ms, problem }) =>
    tell(`  ${problem ? '✗' : '✓'} ${what} (${ms} ms)${problem ? `\n      ${problem}` : ''}`),
  );
  passed += results.filter(({ problem }) => !problem).length;
  failed += results.filter(({ problem }) => problem).length;
}
tell(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(exitCodeOf({ passed, failed, skipped }, values.all));

function clients(): [string, () => string[]][] {
  const given = values.client?.split(' ');
  if (given) return [[given.join(' '), () => given]];
  return [
    ['the SDK', () => [process.execPath, resolve('dist', 'proof', 'conformance', 'sdk-driver.js')]],
    [
      'clients/python',
      () => {
        const folder = resolve('clients', 'python');
        return [installPython(resolve(folder, 'requirements.txt')), resolve(folder, 'conformance.py')];
      },
    ],
  ];
}

function commandOf(find: () => string[]): string[] | undefined {
  try {
    return find();
  } catch (error) {
    tell(`  skipped: ${(error as Error).message}`);
    skipped += cases.length;
    return undefined;
  }
}
