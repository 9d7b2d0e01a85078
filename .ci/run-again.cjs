const { readFileSync } = require('node:fs');
const { relative } = require('node:path');

/** More red files than this are no accident of a busy machine. */
const mostFiles = 2;

/** The red files, where they are few enough to deserve a second run. Empty: what is red stays red. */
function filesToRunAgain({ testResults }) {
  const red = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name));
  return red.length <= mostFiles ? red : [];
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
