import { resolve } from 'node:path';
import { allCases } from '../cases/index.js';
import { runCases } from '../run-cases.js';

/** The names of the cases that a client does not pass, sorted: two run at a time. */
async function failedBy(script: string, names: RegExp): Promise<string[]> {
  const cases = Object.values(allCases)
    .flat()
    .filter(({ name }) => names.test(name));
  const results = await runCases(cases, [process.execPath, resolve(script)], 2, () => undefined);
  expect(results.length).toBe(cases.length);
  const failed = results.filter(({ problem }) => problem);
  return failed.map(({ name }) => name).sort();
}

/** All of it: `npm run test:conformance`. */
describe('the conformance kit', () => {
  it('has some seventy cases, each with a name of its own', () => {
    const names = Object.values(allCases)
      .flat()
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(70);
  });

  it('passes the SDK', async () => {
    const some = /next socket while|missed once|own ran out|opens while it is connected|is once, by/;
    expect(await failedBy('dist/proof/conformance/sdk-driver.js', some)).toEqual([]);
  });

  it('finds a client that drops nothing, resumes nowhere and does not wait for its session', async () => {
    const some = /shows pushes without|drops a push that|with the position of its last|online only when/;
    expect(await failedBy('proof/conformance/test/naive-client.mjs', some)).toEqual([
      'drops a push that it has had',
      'is online only when the session is open',
      'resumes with the position of its last push',
    ]);
  });
});
