import { exitCodeOf } from './exit-code.js';

describe('a run of clients', () => {
  it.each([
    [0, 'all played', { passed: 3, failed: 0, skipped: 0 }, true],
    [0, 'this machine could not have one', { passed: 2, failed: 0, skipped: 1 }, false],
    [1, 'one is left out of a run of all', { passed: 2, failed: 0, skipped: 1 }, true],
    [1, 'one failed', { passed: 2, failed: 1, skipped: 0 }, false],
    [1, 'none played', { passed: 0, failed: 0, skipped: 3 }, false],
  ])('ends with %i where %s', (code, _, outcome, mustPlayAll) => {
    expect(exitCodeOf(outcome, mustPlayAll)).toBe(code);
  });
});
