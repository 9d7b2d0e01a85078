import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1beta1';
import { newSecrets } from '@ccgame/cli';
import { parseAllDocuments } from 'yaml';

type Any = any;

const folder = join(process.cwd(), 'k8s');
const parse = (text: string): Any[] => parseAllDocuments(text).map((one): Any => one.toJS());
const build = (overlay: string): Any[] =>
  parse(execFileSync('kubectl', ['kustomize', join(folder, 'overlays', overlay)], { encoding: 'utf8' }));
/** The Secrets that `ccgame secrets new` makes, which `k8s/references.spec.ts` compares with what the servers ask for. */
const secrets = parse(newSecrets(readFileSync(join(folder, 'secrets/example-secrets.yaml'), 'utf8')));
const keysOf = (all: Any[], keys: (one: Any) => object): [string, string[]][] =>
  all.map((one): [string, string[]] => [one.metadata.name, Object.keys(keys(one)).sort()]).sort();

describe('the secrets of the game in a store of the studio', () => {
  it('come by External Secrets under the names that servers ask for, with all keys of the entry', () => {
    const external = build('external-secrets');
    // Its schema of `v1` is that of `v1beta1`, which the package has.
    for (const one of external) {
      expect(one.apiVersion).toBe('external-secrets.io/v1');
      new ExternalSecret({ ...one, apiVersion: 'external-secrets.io/v1beta1' }).validate();
    }
    expect(external.map(({ spec }) => spec.target.name).sort()).toEqual(
      secrets.map(({ metadata }) => metadata.name).sort(),
    );
    for (const { metadata, spec } of external)
      expect(spec).toMatchObject({
        target: { name: metadata.name },
        dataFrom: [{ extract: { key: `ccgame/${metadata.name}` } }],
      });
  });

  it('have a place for each of them in the form of Sealed Secrets', () => {
    const sealed = build('sealed-secrets');
    for (const { apiVersion, kind } of sealed)
      expect([apiVersion, kind]).toEqual(['bitnami.com/v1alpha1', 'SealedSecret']);
    expect(keysOf(sealed, ({ spec }) => spec.encryptedData)).toEqual(
      keysOf(secrets, ({ stringData }) => stringData),
    );
    for (const { metadata, spec } of sealed) expect(spec.template.metadata).toEqual(metadata);
  });
});
