import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseAllDocuments } from 'yaml';
import { renderVersion } from '@ccgame/cli';
import { readTemplate } from '@ccgame/cli';
import { readManifests } from './read-manifests.js';

type Any = any;

const folder = join(process.cwd(), 'k8s');
/** One of these is taken instead of what the kustomization lists, or beside it. */
const alternatives = [
  'secrets/example-secrets.yaml',
  'secrets/secrets.yaml',
  'nats/cluster/',
  'ingress/',
  'autoscaling/connector-by-sockets.yaml',
  'autoscaling/keda/',
  'backup/',
  'priorities/',
];

const template = readTemplate(join(folder, 'release'));
const build = (...path: string[]): Any[] =>
  parseAllDocuments(execFileSync('kubectl', ['kustomize', join(folder, ...path)], { encoding: 'utf8' })).map(
    (one): Any => one.toJS(),
  );

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('kustomization.yaml') && !name.startsWith('overlays/'),
  )
  .sort();
const read = (file: string): Any[] => readManifests(join(folder, file));
const isListed = (file: string): boolean => !alternatives.some((name) => file.startsWith(name));

/** The objects that `kubectl apply -k k8s/` brings, the routes of all dialects, and a second version beside it. */
const all: Any[] = [
  ...files.filter((file) => isListed(file) || file.startsWith('ingress/')).flatMap(read),
  // The Secrets that `ccgame secrets new` makes have the names and keys of the example.
  ...read('secrets/example-secrets.yaml'),
  ...(renderVersion(template, { version: '1.0.0001' }) as Any[]),
];
/** Secrets that a studio makes itself: the credentials of its registry, and its certificate. */
const ofTheStudio = ['regsecret', 'game-tls'];

const kind = (...kinds: string[]): Any[] => all.filter((manifest) => kinds.includes(manifest.kind));
const named = (what: string, name: string): Any => kind(what).find(({ metadata }) => metadata.name === name);
const podOf = (manifest: Any): Any => manifest.spec.template ?? manifest.spec.jobTemplate?.spec.template;
const workloads = kind('Deployment', 'StatefulSet', 'CronJob');
const running = kind('Deployment', 'StatefulSet');

function matches(labels: Record<string, string>, { matchLabels = {}, matchExpressions = [] }: Any): boolean {
  const holds = ({ key, operator, values }: Any): boolean =>
    operator === 'Exists' ? key in labels : values.includes(labels[key]);
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(holds)
  );
}

const selected = (selector: Any): Any[] =>
  workloads.filter((workload) => matches(podOf(workload).metadata.labels, selector));

/** Every `{ name, port }` that a route sends requests to. */
function backendsOf(route: Any): Any[] {
  if (route.kind === 'HTTPRoute') return route.spec.rules.flatMap(({ backendRefs }: Any) => backendRefs);
  return route.spec.rules.flatMap(({ http }: Any) =>
    http.paths.map(({ backend: { service } }: Any) => ({ name: service.name, port: service.port.name })),
  );
}

describe('what the manifests refer to', () => {
  it('are in what is applied by hand or in what a release renders, each file once, but for alternatives', () => {
    const nameOf = ({ kind, metadata }: Any): string => `${kind} ${metadata.name}`;
    const gateway = 'ingress/gateway-api/';
    const known = files
      .filter((file) => isListed(file) || file.startsWith(gateway))
      .flatMap(read)
      .map(nameOf);
    const observed = build('observability').filter(({ kind }) => kind !== 'ConfigMap');
    const listed = [...build(), ...build(gateway), ...build('release'), ...observed].map(nameOf);
    expect(listed.sort()).toEqual(known.sort());
  });

  it.each([[''], ['ingress/gateway-api'], ['nats/cluster']])(
    'are nothing that a release, an autoscaler or an operator changes, in kubectl apply -k k8s/%s',
    (path) => {
      const kinds = ['Deployment', 'CronJob', 'HTTPRoute', 'Ingress', 'HorizontalPodAutoscaler', 'Secret'];
      const applied = build(path);
      expect(applied.length).toBeGreaterThan(0);
      for (const { kind: what, metadata } of applied) {
        expect(kinds).not.toContain(what);
        expect(metadata.labels?.version).toBeUndefined();
      }
    },
  );

  it('has all images from the one registry that a studio sets, NATS’s too', () => {
    const copy = mkdtempSync(join(tmpdir(), 'ccgame-registry-'));
    cpSync(folder, copy, { recursive: true });
    const file = join(copy, 'registry/kustomization.yaml');
    const text = readFileSync(file, 'utf8').replaceAll(
      /newName: (\w+)/g,
      'newName: registry.example.com:5000/studio/$1',
    );
    writeFileSync(file, text);
    const texts = ['', 'release'].map((path) =>
      execFileSync('kubectl', ['kustomize', join(copy, path)], { encoding: 'utf8' }),
    );
    const images = texts.join('').match(/image: .*/g) ?? [];
    expect(images.length).toBeGreaterThan(5);
    for (const image of images)
      expect(image).toMatch(/^image: registry\.example\.com:5000\/studio\/(ccgame|nats):/);
    rmSync(copy, { recursive: true });
  });

  it.each(kind('Ingress', 'HTTPRoute').map((route) => [route.metadata.name, route] as const))(
    'are Services and their ports, in the routes of %s',
    (_, route) => {
      for (const { name, port } of backendsOf(route)) {
        const ports = named('Service', name)?.spec.ports.flatMap((one: Any) => [one.name, one.port]) ?? [];
        expect(ports).toContain(port);
      }
    },
  );

  it.each(running.map((workload) => [workload.metadata.name, workload] as const))(
    'are all there for %s: one disruption budget, one account, spread over nodes and zones',
    (name, workload) => {
      const pod = podOf(workload);
      const budgets = kind('PodDisruptionBudget').filter((budget) =>
        matches(pod.metadata.labels, budget.spec.selector),
      );
      // The NATS to try things with is one pod, which a budget would nail to its node.
      expect(budgets).toHaveLength(name === 'nats' ? 0 : 1);
      if (name === 'nats') return;
      expect(named('ServiceAccount', pod.spec.serviceAccountName).automountServiceAccountToken).toBe(false);
      const [nodes, ...more] = pod.spec.topologySpreadConstraints;
      expect(nodes.topologyKey).toBe('kubernetes.io/hostname');
      // New pods stand beside the old ones in a Deployment's update, and must be spread without them.
      const apart = workload.kind === 'Deployment' ? ['pod-template-hash'] : undefined;
      expect(nodes.matchLabelKeys).toEqual(apart);
      // Another pod may take the place of a Deployment's where its node is lost; that of a StatefulSet would be ended for nothing.
      const leaves = (pod.spec.tolerations ?? []).map(({ key, tolerationSeconds }: Any) => [
        key,
        tolerationSeconds,
      ]);
      expect(leaves).toEqual(
        workload.kind === 'Deployment'
          ? ['unreachable', 'not-ready'].map((taint) => [`node.kubernetes.io/${taint}`, 30])
          : [],
      );
      // A node without a zone would be left out by both.
      expect(more).toEqual([]);
      const [{ podAffinityTerm: zones }] =
        pod.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
      expect(zones.topologyKey).toBe('topology.kubernetes.io/zone');
      for (const { labelSelector } of [nodes, zones]) expect(labelSelector).toEqual(workload.spec.selector);
    },
  );

  it.each(kind('StatefulSet').map((set) => [set.metadata.name, set] as const))(
    'is a headless Service, for the names of the pods of %s',
    (_, { spec }) => {
      expect(named('Service', spec.serviceName).spec.clusterIP).toBe('None');
    },
  );

  it.each(kind('HorizontalPodAutoscaler').map((hpa) => [hpa.metadata.name, hpa] as const))(
    'is a workload with requests of CPU and a smallest number, for the autoscaler %s',
    (_, { spec: { scaleTargetRef, minReplicas } }) => {
      const target = named(scaleTargetRef.kind, scaleTargetRef.name);
      expect(target.spec.replicas).toBe(minReplicas);
      expect(podOf(target).spec.containers[0].resources.requests.cpu).toBeDefined();
    },
  );

  // Cert-manager makes these pods, for as long as a challenge takes: pkg/issuer/acme/http of its sources.
  const challenges = named('NetworkPolicy', 'issuer-to-challenges');

  it('are the pods of cert-manager too, by which a certificate is renewed: all that is not named is kept out', () => {
    expect(kind('NetworkPolicy').map(({ spec }) => spec.podSelector)).toContainEqual({});
    expect(challenges?.spec.podSelector.matchLabels).toEqual({
      'acme.cert-manager.io/http01-solver': 'true',
    });
    expect(challenges?.spec.ingress).toEqual([{ ports: [{ port: 8089 }] }]);
  });

  it('are pods and their ports, in every network policy', () => {
    for (const { metadata, spec } of kind('NetworkPolicy').filter((one) => one !== challenges)) {
      const pods = selected(spec.podSelector);
      expect([metadata.name, pods.length > 0]).toEqual([metadata.name, true]);
      const open = (spec.ingress ?? []).flatMap(({ ports }: Any) => ports.map(({ port }: Any) => port));
      const own = pods.flatMap((pod) =>
        podOf(pod).spec.containers.flatMap(({ ports = [] }: Any) =>
          ports.map(({ containerPort }: Any) => containerPort),
        ),
      );
      // The ports between the servers of a NATS cluster are in its own manifest.
      expect(open.filter((port: number) => !own.includes(port) && port !== 6222)).toEqual([]);
    }
  });

  it('are secrets that are there, with the keys that are asked for', () => {
    for (const workload of workloads) {
      const { containers, imagePullSecrets = [], volumes = [] } = podOf(workload).spec;
      for (const { name } of imagePullSecrets) expect(ofTheStudio).toContain(name);
      for (const { secret, configMap } of volumes.flatMap(({ projected }: Any) => projected?.sources ?? []))
        expect(secret ? named('Secret', secret.name) : named('ConfigMap', configMap.name)).toBeDefined();
      for (const { valueFrom } of containers.flatMap(({ env = [] }: Any) => env)) {
        const { secretKeyRef: secret, configMapKeyRef: setting } = valueFrom ?? {};
        if (secret) expect(Object.keys(named('Secret', secret.name).stringData)).toContain(secret.key);
        if (setting) expect(Object.keys(named('ConfigMap', setting.name).data)).toContain(setting.key);
      }
    }
  });

  it('is one host with a certificate, in every dialect', () => {
    for (const dialect of ['gateway-api', 'nginx', 'alibaba']) {
      const text = JSON.stringify(
        files.filter((file) => file.startsWith(`ingress/${dialect}/`)).flatMap(read),
      );
      expect(text).toContain('"game-tls"');
      expect(new Set(text.match(/[a-z.]+\.example\.com/g))).toEqual(new Set(['game.example.com']));
    }
  });
});
