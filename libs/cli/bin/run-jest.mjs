import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const resultFile = join('.ccgame', 'test-result.json');

/**
 * Runs Jest in the current folder. The last line on stdout is `N passed, N failed`, from Jest's own result; the exit code is
 * 0 only when nothing failed and something passed.
 */
export function runJest(args) {
  mkdirSync('.ccgame', { recursive: true });
  rmSync(resultFile, { force: true });
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  // Jest prints its report on stderr; with --json its stdout is the result once more.
  const run = spawnSync(process.execPath, [jest, '--json', `--outputFile=${resultFile}`, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const result = readResult();
  const passed = result.numPassedTests;
  // A file that could not even be loaded holds promises that nobody checked.
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = result.numFailedTests + unloaded.length;
  const skipped = result.numPendingTests + result.numTodoTests;
  process.exitCode = run.status === 0 && failed === 0 && passed > 0 ? 0 : 1;
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
}

/** Where Jest left no result, as after a crash, that counts as one failure. */
function readResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}
