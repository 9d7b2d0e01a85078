import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

type Any = any;

const prefix = 'registry.example.com/studio/';
const studio = mkdtempSync(join(tmpdir(), 'ccgame-registry-'));
afterAll(() => rmSync(studio, { recursive: true, force: true }));

/** Every pod of what a kustomization gives. */
function podsOf(name: string): Any[] {
  const text = execFileSync('kubectl', ['kustomize', join(studio, name)], { encoding: 'utf8' });
  return parseAllDocuments(text)
    .map((one): Any => one.toJS())
    .map(({ spec }) => spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec)
    .filter(Boolean);
}

function edit(file: string, from: string, to: string): void {
  const path = join(studio, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

describe('the registry of a studio', () => {
  beforeAll(() => {
    cpSync('k8s', studio, { recursive: true });
    edit('registry/kustomization.yaml', 'newName: ', `newName: ${prefix}`);
    edit('release/kustomization.yaml', '[../registry]', '[../registry, ../backup]');
    edit('foundation/kustomization.yaml', 'resources:', 'resources:\n  - ../backup/postgresql');
  });

  it.each([
    ['release', 8],
    ['foundation', 2],
  ])('is where all images of %s come from, by its secret', (name, count) => {
    const pods = podsOf(name);
    expect(pods).toHaveLength(count);
    for (const { containers, imagePullSecrets } of pods) {
      for (const { image } of containers) expect(image.startsWith(prefix)).toBe(true);
      expect(imagePullSecrets).toEqual([{ name: 'regsecret' }]);
    }
  });
});
