import { createRequire } from 'node:module';

interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
}

const { filesToRunAgain, sumUp } = createRequire(__filename)('../../.ci/run-again.cjs') as {
  filesToRunAgain(result: JestResult): string[];
  sumUp(first: JestResult, second: JestResult, files: string[]): { passed: number; failed: number };
};

/** `2+1` is a file with two tests that passed and one that failed; `-` one that could not be loaded. */
function resultOf(files: Record<string, string>): JestResult {
  const testResults = Object.entries(files).map(([name, tests]) => {
    const [passed, failed] = tests === '-' ? [0, 0] : tests.split('+').map(Number);
    const assertionResults = Array.from({ length: passed + failed }, (_, at) => ({
      status: at < passed ? 'passed' : 'failed',
    }));
    const status = failed > 0 || tests === '-' ? 'failed' : 'passed';
    return { name: `${process.cwd()}/${name}`, status, assertionResults };
  });
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (wanted: string): number => all.filter(({ status }) => status === wanted).length;
  return { numPassedTests: count('passed'), numFailedTests: count('failed'), testResults };
}

describe('.ci/run', () => {
  it('runs one or two red files once more', () => {
    const result = resultOf({ 'a.e2e.ts': '3+1', 'b.spec.ts': '-', 'c.spec.ts': '4+0' });
    expect(filesToRunAgain(result)).toEqual(['a.e2e.ts', 'b.spec.ts']);
  });

  it.each([
    ['three red files', { 'a.e2e.ts': '0+1', 'b.spec.ts': '0+1', 'c.e2e.ts': '0+1' }],
    ['no result at all', {}],
  ])('does not for %s', (_name, files) => {
    expect(filesToRunAgain(resultOf(files as unknown as Record<string, string>))).toEqual([]);
  });

  it('counts by the second run', () => {
    const first = resultOf({ 'a.e2e.ts': '3+1', 'c.spec.ts': '4+0' });
    expect(sumUp(first, resultOf({ 'a.e2e.ts': '4+0' }), ['a.e2e.ts'])).toEqual({ passed: 8, failed: 0 });
    expect(sumUp(first, resultOf({ 'a.e2e.ts': '2+2' }), ['a.e2e.ts'])).toEqual({ passed: 6, failed: 2 });
    expect(sumUp(first, resultOf({ 'a.e2e.ts': '-' }), ['a.e2e.ts'])).toEqual({ passed: 4, failed: 1 });
  });
});
