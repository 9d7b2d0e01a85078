import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate } from '@ccgame/cli';
import { parseAllDocuments } from 'yaml';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const folder = join(process.cwd(), 'k8s');
const rules: Rule[] = parseAllDocuments(readFileSync(join(folder, 'access/release-role.yaml'), 'utf8'))
  .map((document) => document.toJS())
  .find(({ kind }) => kind === 'Role').rules;

describe('the account of releases', () => {
  it('may apply and delete every kind of thing that a release consists of, in whatever dialect', () => {
    const routes = ['nginx', 'alibaba'].map((dialect) => join(folder, 'ingress', dialect, 'routes'));
    const templates = [join(folder, 'release'), ...routes].map(readTemplate);
    const all = templates.flatMap(({ manifests, routes: made }) => [...manifests, ...made]);
    for (const { apiVersion, kind } of all) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      const resource = `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
      const rule = rules.find(
        ({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource),
      );
      const verbs = ['get', 'list', 'create', 'patch', 'delete'];
      expect([kind, rule?.verbs]).toEqual([kind, expect.arrayContaining(verbs)]);
    }
  });

  it('may neither see a secret, nor run anything in a pod, nor give rights', () => {
    const resources = rules.flatMap((rule) => rule.resources);
    for (const one of ['secrets', 'pods/exec', 'serviceaccounts', 'roles', 'rolebindings', '*'])
      expect(resources).not.toContain(one);
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain('*');
    const [forward] = rules.filter((rule) => rule.resources.includes('pods/portforward'));
    const nats = parseAllDocuments(readFileSync(join(folder, 'nats/cluster/nats.yaml'), 'utf8'))
      .map((document) => document.toJS())
      .find(({ kind }) => kind === 'StatefulSet');
    const pods = Array.from({ length: nats.spec.replicas }, (_, ordinal) => `nats-${ordinal}`);
    expect(forward?.resourceNames).toEqual(pods);
  });
});
