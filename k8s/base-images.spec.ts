import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Renovate {
  extends: string[];
  kubernetes: { managerFilePatterns: string[] };
  packageRules: { matchPackageNames?: string[]; enabled?: boolean }[];
}

const renovate = JSON.parse(readFileSync('renovate.json', 'utf8')) as Renovate;
const manifests = readdirSync('k8s', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join('k8s', name), 'utf8'));
const imagesOf = (text: string): string[] =>
  [...text.matchAll(/^\s*image: (\S+)/gm)].map(([, name = '']) => name);

describe('images of others', () => {
  it('are one digest in all stages of the Dockerfile', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
      Array(3).fill('${BASE}'),
    );
    expect(dockerfile).toMatch(/^ARG BASE=node:24-bookworm-slim@sha256:[0-9a-f]{64}$/m);
  });

  it('are pinned and renewed by Renovate wherever a manifest names one, and the game’s own image is not', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const others = [...manifests, compose].flatMap(imagesOf).filter((image) => !image.startsWith('ccgame:'));
    // One of each everywhere, with an exact version.
    expect([...new Set(others)].sort()).toEqual([
      expect.stringMatching(/^nats:\d+\.\d+\.\d+-alpine(@sha256:[0-9a-f]{64})?$/),
      expect.stringMatching(/^postgres:\d+\.\d+-alpine@sha256:[0-9a-f]{64}$/),
    ]);
    expect(renovate.extends).toContain('docker:pinDigests');
    expect(renovate.kubernetes.managerFilePatterns).toEqual(['k8s/**/*.yaml']);
    const own = renovate.packageRules.find(({ matchPackageNames }) => matchPackageNames?.includes('ccgame'));
    expect(own?.enabled).toBe(false);
  });
});
