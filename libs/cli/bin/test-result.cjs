const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Where the last `ccgame test` of a folder left Jest's own result. */
const resultFile = join('.ccgame', 'test-result.json');

/** Lines of seconds of CPU and a test file, by @ccgame/testing's Jest environment. */
const cpuFile = join('.ccgame', 'test-cpu.tsv');

/** Where Jest left no result, as after a crash, that counts as one failure. */
function readResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}

/** A file that could not even be loaded holds promises that nobody checked: it counts as one. */
function countFailed({ numFailedTests, testResults }) {
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return numFailedTests + unloaded.length;
}

module.exports = { countFailed, cpuFile, readResult, resultFile };
