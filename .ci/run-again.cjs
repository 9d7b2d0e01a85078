const { relative } = require('node:path');
const { countFailed } = require('../libs/cli/bin/test-result.cjs');

/** More red files than this are no accident of a busy machine. */
const mostFiles = 2;

/** The red files, where they are few enough to deserve a second run. Empty: what is red stays red. */
function filesToRunAgain({ testResults }) {
  const red = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name));
  return red.length <= mostFiles ? red : [];
}

/** The result of a run together with that of the second run of some of its files. */
function sumUp(first, second, files) {
  const passedInFiles = first.testResults
    .filter(({ name }) => files.includes(relative('.', name)))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed').length;
  return {
    passed: first.numPassedTests - passedInFiles + second.numPassedTests,
    failed: countFailed(second),
  };
}

module.exports = { filesToRunAgain, sumUp };
