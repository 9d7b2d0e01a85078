const { readFileSync } = require('node:fs');
const { relative } = require('node:path');

/** More red files than this are no accident of a busy machine. */
const mostFiles = 2;

/**
 * The red files that deserve a second run: those of real processes and clocks (`*.e2e.ts`), and at most two. Empty: none does, and what
 * is red stays red. So does all where a file of another kind is red too.
 */
function filesToRunAgain({ testResults }) {
  const red = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name));
  const isEach = red.every((name) => name.endsWith('.e2e.ts'));
  return isEach && red.length <= mostFiles ? red : [];
}

/** Of a run and of the second run of some of its files. */
function sumUp(first, second, files) {
  const of = ({ testResults }) => testResults.filter(({ name }) => files.includes(relative('.', name)));
  const passedInFiles = of(first)
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed').length;
  // A file that could not be loaded has no tests that failed, but is red.
  const unloaded = of(second).filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: first.numPassedTests - passedInFiles + second.numPassedTests,
    failed: second.numFailedTests + unloaded.length,
  };
}

/** Jest's result of the last `npm test`. Without one nothing is run again. */
function readResult() {
  try {
    return JSON.parse(readFileSync('.ccgame/test-result.json', 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
}

module.exports = { filesToRunAgain, readResult, sumUp };
