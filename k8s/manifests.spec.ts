import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as gatewayApi from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as policy from 'kubernetes-models/policy/v1';
import * as access from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import * as scheduling from 'kubernetes-models/scheduling.k8s.io/v1';
import * as core from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { isVersion, loadConfig, versionName } from '@ccgame/config';
import { renderVersion } from '@ccgame/cli';
import { readTemplate } from '@ccgame/cli';
import { renderAlibabaIngress } from '@ccgame/cli';
import { renderGatewayRoutes } from '@ccgame/cli';
import { renderNginxIngresses } from '@ccgame/cli';
import { readManifests } from './read-manifests.js';
import { newSecrets } from '@ccgame/cli';

type Any = any;
type Schema = new (manifest: Any) => { validate(): void };

/** The OpenAPI schemas of the Kubernetes project, of the Gateway API, of KEDA and of the Prometheus operator, by API version. */
const schemas: Record<string, Record<string, unknown>> = {
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'batch/v1': batch,
  'gateway.networking.k8s.io/v1': gatewayApi,
  'keda.sh/v1alpha1': keda,
  'monitoring.coreos.com/v1': monitoring,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'rbac.authorization.k8s.io/v1': access,
  'scheduling.k8s.io/v1': scheduling,
  v1: core,
};

const folder = join(process.cwd(), 'k8s');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(
    (name) =>
      name.endsWith('.yaml') &&
      !name.endsWith('kustomization.yaml') &&
      !name.startsWith('overlays/') &&
      // A studio's own, beside the example that they are made from.
      name !== 'secrets/secrets.yaml' &&
      statSync(join(folder, name)).isFile(),
  )
  .sort();

const read = (file: string): Any[] => readManifests(join(folder, file));
/** Production takes no example. */
const secrets = parseAllDocuments(
  newSecrets(readFileSync(join(folder, 'secrets/example-secrets.yaml'), 'utf8')),
).map((one): Any => one.toJS());
const all = files.flatMap(read);
const template = readTemplate(join(folder, 'release'));
const routesOf = (dialect: string): ReturnType<typeof readTemplate> =>
  readTemplate(join(folder, 'ingress', dialect, 'routes'));

const table = {
  channel: 'production',
  stable: '1.0.0000',
  versions: { '1.0.0000': { state: 'live' as const }, '1.0.0001': { state: 'live' as const } },
  canaries: [{ version: '1.0.0001', rules: [], weight: 10, slots: [[0, 1000] as [number, number]] }],
  fallbacks: {},
  salt: 's',
};

/** The API server's complaint about a manifest: a sentence, or undefined. */
function schemaProblem(manifest: Any): string | undefined {
  const Schema = schemas[manifest.apiVersion]?.[manifest.kind] as Schema | undefined;
  if (!Schema) return `no schema for ${manifest.apiVersion} ${manifest.kind}`;
  try {
    new Schema(manifest).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const podOf = (manifest: Any): Any => manifest.spec?.template ?? manifest.spec?.jobTemplate?.spec?.template;
const isServer = ({ metadata }: Any): boolean => metadata.labels?.serverType !== undefined;
const contains = (labels: Record<string, string>, selector: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/** Everything that our own rules have against a set of manifests. */
function policyProblems(manifests: Any[]): string[] {
  const workloads = manifests.filter((manifest) => podOf(manifest));
  const problems: string[] = [];
  const say = (manifest: Any, problem: string): void =>
    void problems.push(`${manifest.kind} ${manifest.metadata.name}: ${problem}`);

  for (const workload of workloads) {
    const pod = podOf(workload);
    const selector = workload.spec.selector?.matchLabels;
    if (selector && !contains(pod.metadata.labels, selector))
      say(workload, 'its selector does not match its own pods');
    if (pod.spec.securityContext?.runAsNonRoot !== true) say(workload, 'may run as root');
    if (pod.spec.automountServiceAccountToken !== false) say(workload, 'gets a token for the API server');
    if (pod.spec.imagePullSecrets?.[0]?.name !== 'regsecret') say(workload, 'can pull from no registry');
    for (const container of pod.spec.containers) problems.push(...containerProblems(workload, container));
  }
  for (const service of manifests.filter(({ kind }) => kind === 'Service')) {
    const targets = workloads.filter((workload) =>
      contains(podOf(workload).metadata.labels, service.spec.selector),
    );
    if (targets.length === 0) say(service, 'selects no pod');
    for (const { targetPort } of service.spec.ports) {
      for (const target of targets) {
        const ports = podOf(target).spec.containers.flatMap((container: Any) => container.ports ?? []);
        if (!ports.some((port: Any) => port.name === targetPort))
          say(service, `${targetPort} is no port of ${target.metadata.name}`);
      }
    }
  }
  return problems;
}

function containerProblems(workload: Any, container: Any): string[] {
  const problems: string[] = [];
  const say = (problem: string): void =>
    void problems.push(`${workload.kind} ${workload.metadata.name}: ${problem}`);
  const { securityContext = {}, resources = {}, ports = [], env = [] } = container;
  if (securityContext.readOnlyRootFilesystem !== true) say('can write its root file system');
  if (securityContext.allowPrivilegeEscalation !== false) say('may gain privileges');
  if (securityContext.capabilities?.drop?.[0] !== 'ALL') say('keeps capabilities');
  if (!resources.requests?.cpu || !resources.limits?.memory) say('has no requests or limits');
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    const port = container[probe]?.httpGet?.port;
    if (port !== undefined && !ports.some(({ name }: Any) => name === port))
      say(`${probe} asks port ${port}, which is none of its ports`);
  }
  if (isServer(workload)) {
    problems.push(...environmentProblems(workload, env, ports));
    const grace = podOf(workload).spec.terminationGracePeriodSeconds;
    const stop = Number(env.find(({ name }: Any) => name === 'STOP_TIMEOUT_SECONDS')?.value ?? 0);
    const preStop = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    if (workload.kind !== 'CronJob' && stop + preStop > grace)
      say(`${stop} s to stop after ${preStop} s do not fit in ${grace} s`);
  }
  return problems;
}

/** No server has a key that it doesn't need: a connector may verify tokens, and sign none. */
const secretNames = ['SERVER_KEY', 'TOKEN_PUBLIC_KEYS', 'TOKEN_SECRET', 'TOKEN_SIGNING_KEY'];
const secretsNeeded: Record<string, string[]> = {
  http: ['SERVER_KEY', 'TOKEN_PUBLIC_KEYS', 'TOKEN_SIGNING_KEY'],
  connector: ['TOKEN_PUBLIC_KEYS'],
};

/** Puts the values that the Downward API and the secrets would give in, and loads the configuration as a server does. */
function environmentProblems(workload: Any, env: Any[], ports: Any[]): string[] {
  const labels = podOf(workload).metadata.labels;
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const { name, value, valueFrom } of env) {
    const label = /labels\['(\w+)'\]/.exec(valueFrom?.fieldRef?.fieldPath ?? '')?.[1];
    const podName = `${workload.metadata.name}-0`;
    if (label) values[name] = labels[label] ?? '';
    else if (valueFrom?.fieldRef) values[name] = podName;
    else if (valueFrom?.secretKeyRef) values[name] = secretValue(valueFrom.secretKeyRef) ?? '';
    else if (valueFrom?.configMapKeyRef) values[name] = settingOf(valueFrom.configMapKeyRef) ?? '';
    else values[name] = value.replace('$(POD_NAME)', podName);
  }
  try {
    const config = loadConfig(values, 'none');
    const secrets = Object.keys(values).filter((name) => secretNames.includes(name));
    const needed = secretsNeeded[config.SERVER_TYPE] ?? [];
    if (String(secrets.sort()) !== String(needed))
      problems.push(
        `${workload.metadata.name}: has the secrets ${secrets.join()}, and needs ${needed.join()}`,
      );
    if (!config.isProduction) problems.push(`${workload.metadata.name}: does not run as production`);
    const health = ports.find(({ name }) => name === 'health');
    if (health && health.containerPort !== config.HEALTHY_CHECK_PORT)
      problems.push(`${workload.metadata.name}: the health port differs`);
  } catch (error) {
    problems.push(`${workload.metadata.name}: ${(error as Error).message}`);
  }
  return problems;
}

function secretValue({ name, key }: { name: string; key: string }): string | undefined {
  return secrets.find(({ metadata }) => metadata.name === name)?.stringData[key];
}

/** A setting of NATS, where each one that a studio may choose has it. */
function settingOf({ name, key }: { name: string; key: string }): string | undefined {
  const maps = all.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  return maps.every(({ data }) => data[key]) ? maps[0]?.data[key] : undefined;
}

describe('the manifests', () => {
  it.each(files)('%s is what the Kubernetes API takes', (file) => {
    expect(read(file).map(schemaProblem).filter(Boolean)).toEqual([]);
  });

  it('of two versions rendered side by side, and their routes in three dialects, are what the API takes', () => {
    const rendered = [
      ...renderVersion(template, { version: '1.0.0001' }),
      ...renderGatewayRoutes(routesOf('gateway-api'), table),
      ...renderNginxIngresses(routesOf('nginx'), table),
      ...renderAlibabaIngress(routesOf('alibaba'), table),
    ];
    expect(rendered.length).toBeGreaterThan(12);
    expect(rendered.map(schemaProblem).filter(Boolean)).toEqual([]);
  });

  it('have no path that the admission of an ingress-nginx refuses, and the whole Ingress with it', () => {
    const ingresses: Any[] = [
      ...renderNginxIngresses(routesOf('nginx'), table),
      ...renderAlibabaIngress(routesOf('alibaba'), table),
    ];
    const paths = ingresses.flatMap(({ spec }) => spec.rules.flatMap(({ http }: Any) => http.paths));
    expect(paths.length).toBeGreaterThan(6);
    // 1.12.0 to 1.12.5, 1.13.0 and 1.13.1, which check the types Exact and Prefix by default.
    const isTaken = ({ path, pathType }: Any): boolean =>
      pathType === 'ImplementationSpecific' || /^\/[a-z0-9_/-]*$/i.test(path);
    expect(paths.filter((one) => !isTaken(one))).toEqual([]);
  });

  it('agree among themselves, give every variable that libs/config wants, and run nothing as root', () => {
    expect(policyProblems(all)).toEqual([]);
  });

  it.each(['single', 'cluster'])(
    'of nats/%s tell NATS how much memory it may have, with room for what is no heap',
    (kind) => {
      const { spec } = read(`nats/${kind}/nats.yaml`).find((one) => one.kind === 'StatefulSet');
      const [{ env, resources }] = spec.template.spec.containers;
      const limit = env.find(({ name }: Any) => name === 'GOMEMLIMIT')?.value;
      const share = Number(/^(\d+)MiB$/.exec(limit)?.[1]) / (parseInt(resources.limits.memory) * 1024);
      expect(resources.limits.memory).toMatch(/^\d+Gi$/);
      expect(share).toBeGreaterThan(0.8);
      expect(share).toBeLessThan(0.91);
    },
  );

  it('carry legal versions and the names made of them', () => {
    for (const { metadata } of all.filter(isServer)) {
      expect(isVersion(metadata.labels.version)).toBe(true);
      if (/-v\d+/.test(metadata.name)) expect(metadata.name).toContain(versionName(metadata.labels.version));
    }
  });

  it('of one version share no name with those of another', () => {
    const names = (version: string): string[] =>
      renderVersion(template, { version }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const other = new Set(names('1.0.0001'));
    expect(names('1.0.0000').filter((name) => other.has(name))).toEqual([]);
  });

  it('of a rendered version mention the source version nowhere', () => {
    expect(
      JSON.stringify(renderVersion(template, { version: '2.3.0004', image: 'registry/game:7' })),
    ).not.toMatch(/1\.0\.0000|v100000/);
  });
});

describe('the names of the original design', () => {
  const workloads = template.manifests.filter((manifest) => podOf(manifest)) as Any[];

  it.each(workloads.map((workload) => [workload.metadata.name, workload] as const))(
    'are those of %s: its label and its container',
    (_, workload) => {
      const { metadata, spec } = podOf(workload);
      expect(metadata.labels.env).toBe('production');
      expect(spec.containers.map(({ name }: Any) => name)).toEqual([`${metadata.labels.serverType}app`]);
    },
  );

  it('are those of the Ingress in every dialect', () => {
    for (const dialect of ['gateway-api', 'nginx', 'alibaba'])
      expect(routesOf(dialect).routes.map(({ metadata }) => metadata.name)).toContain('https');
  });
});

describe('the checks of the manifests', () => {
  const deployment = (): Any =>
    structuredClone(
      all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.labels.serverType === 'http'),
    );
  const container = (manifest: Any): Any => podOf(manifest).spec.containers[0];

  it.each<[string, (manifest: Any) => void]>([
    ['an unknown type', (one) => (one.spec.replicas = 'three')],
    ['a probe without a port', (one) => delete container(one).readinessProbe.httpGet.port],
    ['a workload without a selector', (one) => delete one.spec.selector],
  ])('find %s by the schema', (_, spoil) => {
    const manifest = deployment();
    spoil(manifest);
    expect(schemaProblem(manifest)).toBeDefined();
  });

  it.each<[string, (manifest: Any) => void, RegExp]>([
    ['root', (one) => (podOf(one).spec.securityContext.runAsNonRoot = false), /may run as root/],
    [
      'a selector that misses its pods',
      (one) => (one.spec.selector.matchLabels.version = '9'),
      /does not match its own pods/,
    ],
    [
      'a probe of a port that is not there',
      (one) => (container(one).readinessProbe.httpGet.port = 'healthy'),
      /none of its ports/,
    ],
    [
      'a secret that is missing',
      (one) =>
        (container(one).env = container(one).env.filter(({ name }: Any) => name !== 'TOKEN_SIGNING_KEY')),
      /has the secrets .* and needs .*TOKEN_SIGNING_KEY/,
    ],
    [
      'a stop that takes longer than its grace',
      (one) => (podOf(one).spec.terminationGracePeriodSeconds = 10),
      /do not fit/,
    ],
    [
      'a pod without the secret of the registry',
      (one) => delete podOf(one).spec.imagePullSecrets,
      /can pull from no registry/,
    ],
    ['a writable root', (one) => delete container(one).securityContext.readOnlyRootFilesystem, /can write/],
    ['no limits', (one) => delete container(one).resources, /no requests or limits/],
    ['another health port', (one) => (container(one).ports[1].containerPort = 99), /health port differs/],
  ])('find %s by our rules', (_, spoil, expected) => {
    const manifest = deployment();
    spoil(manifest);
    expect(policyProblems([manifest]).join('\n')).toMatch(expected);
  });
});
