import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { countFailed, cpuFile, readResult, resultFile } from './test-result.cjs';

/**
 * Runs Jest in the current folder. The last line on stdout is `N passed, N failed`, from Jest's own result; the exit code is
 * 0 only when nothing failed and something passed. Before it stand the ten files that took the most time of a worker, of those that
 * took `slowFromMs` or more, with the seconds of CPU that they and their processes used, where the system tells.
 */
export function runJest(args, { slowFromMs = 10_000 } = {}) {
  mkdirSync('.ccgame', { recursive: true });
  for (const file of [resultFile, cpuFile]) rmSync(file, { force: true });
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  // Jest prints its report on stderr; with --json its stdout is the result once more.
  const run = spawnSync(process.execPath, [jest, '--json', `--outputFile=${resultFile}`, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const result = readResult();
  const passed = result.numPassedTests;
  const failed = countFailed(result);
  const skipped = result.numPendingTests + result.numTodoTests;
  process.exitCode = run.status === 0 && failed === 0 && passed > 0 ? 0 : 1;
  for (const line of slowFiles(result.testResults, slowFromMs)) console.log(line);
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
}

/** Up to ten files that held a worker for so long, the longest first. */
function slowFiles(testResults, fromMs) {
  const cpu = cpuOfFiles();
  const files = testResults.map(({ name, startTime, endTime }) => ({ name, ms: endTime - startTime }));
  const slow = files.filter(({ ms }) => ms >= fromMs).sort((a, b) => b.ms - a.ms);
  return slow.slice(0, 10).map(({ name, ms }) => {
    const file = relative('.', name);
    const used = cpu.has(file) ? `, ${cpu.get(file)} s of CPU` : '';
    return `${(ms / 1000).toFixed(1).padStart(6)} s${used}  ${file}`;
  });
}

/** As @ccgame/testing's Jest environment has written it. */
function cpuOfFiles() {
  try {
    const lines = readFileSync(cpuFile, 'utf8').trimEnd().split('\n');
    return new Map(lines.map((line) => line.split('\t').reverse()));
  } catch {
    return new Map();
  }
}
