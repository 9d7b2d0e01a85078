import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTemplate, renderVersion } from '@ccgame/cli';
import { parseAllDocuments } from 'yaml';
import { readManifests } from './read-manifests.js';

type Any = any;

/** A studio's own copy, which it changes as docs/deploy.md says. */
const studio = mkdtempSync(join(tmpdir(), 'ccgame-placement-'));
beforeEach(() => cpSync('k8s', join(studio, 'k8s'), { recursive: true }));
afterEach(() => rmSync(join(studio, 'k8s'), { recursive: true }));
afterAll(() => rmSync(studio, { recursive: true, force: true }));

const podOf = ({ spec }: Any): Any => spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
const build = (path: string): Any[] =>
  parseAllDocuments(execFileSync('kubectl', ['kustomize', join(studio, path)], { encoding: 'utf8' })).map(
    (one): Any => one.toJS(),
  );
const render = (path: string): Any[] =>
  renderVersion(readTemplate(join(studio, path)), { version: '1.0.0001' }) as Any[];

/** The pods of each kind of workload. */
function podsOf(manifests: Any[]): Record<'StatefulSet' | 'Deployment' | 'CronJob', Any[]> {
  const of = (kind: string): Any[] => manifests.filter((one) => one.kind === kind).map(podOf);
  return { StatefulSet: of('StatefulSet'), Deployment: of('Deployment'), CronJob: of('CronJob') };
}

describe('the priorities of pods', () => {
  const classes = readManifests('k8s/priorities/classes/priority-classes.yaml') as Any[];
  const valueOf = ({ priorityClassName: name }: Any): number | undefined =>
    name === undefined ? 0 : classes.find(({ metadata }) => metadata.name === name)?.value;

  it('are those of NATS and of servers with something to lose, then of the others, then of jobs', () => {
    for (const name of ['foundation', 'release']) {
      const file = join(studio, 'k8s', name, 'kustomization.yaml');
      const [before, after] = ['components: [../registry]', 'components: [../registry, ../priorities]'];
      writeFileSync(file, readFileSync(file, 'utf8').replace(before, after));
    }
    const applied = build('k8s');
    const rendered = render('k8s/release');
    expect(applied.map(({ metadata }) => metadata.name)).toContain('nats');
    const pods = podsOf([...applied, ...rendered]);
    const values = Object.values(pods).map((all) => [...new Set(all.map(valueOf))]);
    const [[first = 0], [second = 0]] = values;
    expect(values).toEqual([[first], [second], [0]]);
    expect(first).toBeGreaterThan(second);
    expect(second).toBeGreaterThan(0);
    expect([...applied, ...rendered].map(({ kind }) => kind)).not.toContain('PriorityClass');
  });

  it('are what Kubernetes lets users have, and nobody else’s', () => {
    for (const { value, globalDefault } of classes) {
      expect(value).toBeLessThanOrEqual(1_000_000_000);
      expect(globalDefault).toBeUndefined();
    }
    expect(build('k8s/priorities/classes')).toEqual(classes);
  });
});

describe('node pools, as the example of docs/deploy.md has them', () => {
  const forPool = (pool: string): object => ({
    key: 'pool',
    operator: 'Equal',
    value: pool,
    effect: 'NoSchedule',
  });

  beforeEach(() => {
    const page = readFileSync('docs/deploy.md', 'utf8');
    const files = [...page.matchAll(/^```yaml file=(k8s\/overlays\/pools\/\S+)\n([^`]*)```/gm)];
    expect(files).toHaveLength(2);
    for (const [, path = '', text = ''] of files) {
      mkdirSync(dirname(join(studio, path)), { recursive: true });
      writeFileSync(join(studio, path), text);
    }
  });

  it('have all servers and jobs of a version on one, and still leave a lost node early', () => {
    const { StatefulSet, Deployment, CronJob } = podsOf(render('k8s/overlays/pools'));
    for (const pods of [StatefulSet, Deployment, CronJob]) expect(pods.length).toBeGreaterThan(1);
    for (const pod of [...StatefulSet, ...Deployment, ...CronJob]) {
      expect(pod.nodeSelector).toEqual({ pool: 'game' });
      expect(pod.tolerations).toContainEqual(forPool('game'));
    }
    // Decision 319.
    for (const { tolerations } of Deployment)
      expect(tolerations.map(({ key }: Any) => key)).toEqual([
        'node.kubernetes.io/unreachable',
        'node.kubernetes.io/not-ready',
        'pool',
      ]);
  });

  it('have NATS on the other', () => {
    const [pod] = podsOf(build('k8s/overlays/pools/foundation')).StatefulSet;
    expect(pod.nodeSelector).toEqual({ pool: 'nats' });
    expect(pod.tolerations).toEqual([forPool('nats')]);
  });
});
