const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Runs the end-to-end files first. They take longest, and on a fresh clone Jest knows no times and would go by the files'
 * sizes: the longest would start last, with all other workers idle.
 */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isSlow = ({ path }) => path.endsWith('.e2e.ts');
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
};
