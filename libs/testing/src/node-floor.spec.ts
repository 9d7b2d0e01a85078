import { readFileSync } from 'node:fs';
import { minVersion, satisfies } from 'semver';

interface LockedPackage {
  version?: string;
  engines?: { node?: string };
}

const floor = minVersion(readJson<LockedPackage>('package.json').engines?.node ?? '')?.version ?? '';
const { packages } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json');

describe('The oldest Node that package.json admits', () => {
  it('is 20.19, and admitted by every library of the repository', () => {
    expect(floor).toBe('20.19.0');
    expect(refusing(Object.entries(packages).filter(([path]) => path.startsWith('libs/')))).toEqual([]);
  });

  it('is admitted by every installed package, of production and of development, so that npm ci prints no EBADENGINE', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(500);
    expect(refusing(Object.entries(packages))).toEqual([]);
  });

  it('is refused where a package asks for more', () => {
    const newer = { version: '2.0.2', engines: { node: '>=22' } };
    expect(refusing([['node_modules/cookie', newer]])).toEqual([
      'node_modules/cookie@2.0.2 asks for Node >=22',
    ]);
  });
});

function refusing(locked: [path: string, LockedPackage][]): string[] {
  return locked
    .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(floor, engines.node))
    .map(([path, { version, engines }]) => `${path}@${version} asks for Node ${engines?.node}`);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
