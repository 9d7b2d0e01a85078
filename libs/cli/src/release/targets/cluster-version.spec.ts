import { assertServerVersion, versionProblem } from './cluster-version.js';
import type { Kubectl } from './kubectl.js';

describe('the version of a cluster', () => {
  it.each([
    ['1', '30'],
    ['1', '30+'],
    ['1', '34'],
    ['2', '0'],
  ])('%s.%s takes the manifests', (major, minor) => {
    expect(versionProblem({ major, minor })).toBeUndefined();
  });

  it.each([
    ['1', '29'],
    ['1', '29+'],
    ['1', ''],
  ])('%s.%s does not, and is told', async (major, minor) => {
    const run = (): Promise<string> => Promise.resolve(JSON.stringify({ serverVersion: { major, minor } }));
    await expect(assertServerVersion({ run } as unknown as Kubectl)).rejects.toThrow(
      `The cluster runs Kubernetes ${major}.${minor}; the manifests need 1.30 at least.`,
    );
  });

  it('that nobody tells is no good one', () => {
    expect(versionProblem(undefined)).toBe('The cluster did not tell its version.');
  });
});
