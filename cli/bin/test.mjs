import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';

prepare();
const { prepareNats } = await import('../../dist/cli/src/dev/prepare-nats.js');
await prepareNats();

const resultFile = join('.ccgame', 'test-result.json');
mkdirSync('.ccgame', { recursive: true });
rmSync(resultFile, { force: true });
const jest = join('node_modules', 'jest', 'bin', 'jest.js');
const args = ['--json', `--outputFile=${resultFile}`, ...process.argv.slice(2)];
// Jest prints its report on stderr; with --json its stdout is the result once more.
const run = spawnSync(process.execPath, [jest, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
const result = read(resultFile);
const failedSuites = result.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
const passed = result.numPassedTests;
// A file that could not even be loaded holds promises that nobody checked.
const failed = result.numFailedTests + failedSuites.length;
const skipped = result.numPendingTests + result.numTodoTests;
process.exitCode = run.status === 0 && failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}
