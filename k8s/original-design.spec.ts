import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate, renderAlibabaIngress, renderNginxIngresses } from '@ccgame/cli';
import { firstTable, setCanary } from '@ccgame/releases';
import { parseAllDocuments } from 'yaml';

type Any = any;

const folder = join(process.cwd(), 'k8s');
const page = readFileSync('docs/original-design.md', 'utf8');
/** As `ccgame release` renders the first version. */
const rendered: Any[] = parseAllDocuments(
  execFileSync('kubectl', ['kustomize', join(folder, 'release')], { encoding: 'utf8' }),
).map((one): Any => one.toJS());
const named = (kind: string, name: string): Any =>
  rendered.find((one) => one.kind === kind && one.metadata.name === name);
const routesOf = (dialect: string): ReturnType<typeof readTemplate> =>
  readTemplate(join(folder, 'ingress', dialect, 'routes'));

/** The facts of the write-up's manifests, which docs/original-design.md calls "as it stands". */
const servers = [
  {
    kind: 'Deployment',
    name: 'http-prod-v100000',
    labels: { serverType: 'http', env: 'production', version: '1.0.0000' },
    container: 'httpapp',
    replicas: 3,
    healthPort: 81,
    env: { DEBUG: 'ccgame:*', HTTP_PORT: '80', SERVER_PORT: '80', HEALTHY_CHECK_PORT: '81' },
  },
  {
    kind: 'StatefulSet',
    name: 'connector-prod-v100000',
    labels: { serverType: 'connector', wsType: 'socket.io', env: 'production', version: '1.0.0000' },
    container: 'connectorapp',
    replicas: 3,
    healthPort: 82,
    env: { DEBUG: 'ccgame:*', WS_PORT: '80', HEALTHY_CHECK_PORT: '82' },
  },
  {
    kind: 'StatefulSet',
    name: 'matching-prod-v100000',
    labels: { serverType: 'matching', env: 'production', version: '1.0.0000' },
    container: 'matchingapp',
    // Differs: the table says why.
    replicas: 2,
    healthPort: 80,
    env: { DEBUG: 'ccgame:*', HEALTHY_CHECK_PORT: '80' },
  },
];
const fromLabels: Record<string, string> = {
  NODE_ENV: 'env',
  SERVER_TYPE: 'serverType',
  VERSION: 'version',
  WS_TYPE: 'wsType',
};

function environmentOf(container: Any): Record<string, Any> {
  return Object.fromEntries(
    container.env.map(({ name, value, valueFrom }: Any) => [name, value ?? valueFrom]),
  );
}

describe('the original design', () => {
  it.each(servers)(
    'has $name as it stands',
    ({ kind, name, labels, container, replicas, healthPort, env }) => {
      const { spec } = named(kind, name);
      expect(spec.replicas).toBe(replicas);
      expect(spec.template.metadata.labels).toEqual(labels);
      expect(spec.selector.matchLabels).toMatchObject({
        serverType: labels.serverType,
        version: labels.version,
      });
      const pod = spec.template.spec;
      expect(pod.imagePullSecrets).toEqual([{ name: 'regsecret' }]);
      const [one, ...more] = pod.containers;
      expect([one.name, more]).toEqual([container, []]);
      expect(one.image).toMatch(/ccgame:1\.0\.0000$/);
      const { path, port } = one.readinessProbe.httpGet;
      expect(path).toBe('/');
      expect(one.ports.find((each: Any) => each.name === port).containerPort).toBe(healthPort);
      const given = environmentOf(one);
      expect(given).toMatchObject(env);
      for (const [variable, label] of Object.entries(fromLabels))
        if (label in labels) expect(given[variable].fieldRef.fieldPath).toBe(`metadata.labels['${label}']`);
      expect(given.SERVER_ID.fieldRef.fieldPath).toBe('metadata.name');
      expect(given.NATS_ADDRESS.secretKeyRef.name).toBe('nats-address');
    },
  );

  it('updates http by 10 %, and gives http and connectors a Service of their name', () => {
    const { strategy } = named('Deployment', 'http-prod-v100000').spec;
    expect(strategy.rollingUpdate).toEqual({ maxSurge: '10%', maxUnavailable: '10%' });
    for (const type of ['http', 'connector']) {
      const { spec } = named('Service', `${type}-prod-v100000`);
      expect(spec.type).toBe('ClusterIP');
      expect(spec.selector).toEqual({ serverType: type, env: 'production', version: '1.0.0000' });
      expect(spec.ports).toMatchObject([{ port: 80 }]);
    }
    expect(named('Service', 'matching-prod-v100000')).toBeUndefined();
  });

  it('has its CronJob: schedule, arguments, limits and restart', () => {
    const { spec } = named('CronJob', 'test-cron-prod-v100000');
    expect(spec).toMatchObject({
      schedule: '0 0 * * *',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    const { metadata, spec: pod } = spec.jobTemplate.spec.template;
    expect(metadata.labels).toEqual({ serverType: 'cron', env: 'production', version: '1.0.0000' });
    expect(pod).toMatchObject({ restartPolicy: 'OnFailure', imagePullSecrets: [{ name: 'regsecret' }] });
    const [{ name, args, env }] = pod.containers;
    expect(name).toBe('cronapp');
    expect(args.filter((word: string) => word !== '--silent')).toEqual(['npm', 'run', 'start:testCron']);
    expect(environmentOf({ env })).toMatchObject({
      DEBUG: 'ccgame:*',
      NODE_ENV: { fieldRef: { fieldPath: "metadata.labels['env']" } },
      NATS_ADDRESS: { secretKeyRef: { name: 'nats-address' } },
    });
  });

  it('has its Ingress "https" with TLS, and service-match by header, query and cookie from the release table', () => {
    const word = (name: string) => ({ name, value: 'on' });
    const rules = [{ header: word('Beta') }, { query: word('beta') }, { cookie: word('beta') }];
    const table = setCanary('1.0.0001', { rules })(firstTable('production', '1.0.0000', ['1.0.0001']));
    const alibaba = renderAlibabaIngress(routesOf('alibaba'), table) as Any[];
    for (const ingresses of [alibaba, renderNginxIngresses(routesOf('nginx'), table) as Any[]]) {
      const ingress = ingresses.find(({ metadata }) => metadata.name === 'https');
      const [{ hosts, secretName }] = ingress.spec.tls;
      const [{ host, http }] = ingress.spec.rules;
      expect([hosts, secretName]).toEqual([[host], 'game-tls']);
      const root = http.paths.find(({ path }: Any) => path === '/').backend.service;
      expect(root.name).toBe('http-prod-v100000');
    }
    const match = alibaba[0].metadata.annotations['nginx.ingress.kubernetes.io/service-match'].split('\n');
    expect(match).toEqual(
      expect.arrayContaining([
        'http-prod-v100000: header("Version", "1.0.0000")',
        'connector-prod-v100001: header("Version", "1.0.0001")',
        'http-prod-v100001: header("Beta", "on")',
        'http-prod-v100001: query("beta", "on")',
        'connector-prod-v100001: cookie("beta", "on")',
      ]),
    );
  });

  it('has a word in the table for each variable that a server or job is given beyond its own, and for other additions', () => {
    const workloads = rendered.map(
      ({ spec }) => spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec,
    );
    const given = workloads
      .filter(Boolean)
      .flatMap(({ containers: [{ env }] }) => Object.keys(environmentOf({ env })));
    expect(given.length).toBeGreaterThan(60);
    const added = [
      '`args`',
      '`serviceName`',
      '`podManagementPolicy`',
      '`Parallel`',
      'headless',
      'RollingUpdate',
    ];
    const missing = [...new Set(given)]
      .filter((name) => !page.includes(`\`${name}`))
      .concat(added.filter((word) => !page.includes(word)));
    expect(missing).toEqual([]);
  });

  it('has a line for each thing that its manifests and its text name', () => {
    const words = [
      ...servers.flatMap(({ name, container, env }) => [name, container, ...Object.keys(env)]),
      ...Object.keys(fromLabels),
      ...['cronapp', 'test-cron', 'regsecret', 'docker-registry', 'NATS_ADDRESS', 'SERVER_ID', 'OnFailure'],
      ...['rollingUpdate', 'readinessProbe', 'imagePullSecrets', 'LoadBalancer', 'ClusterIP', 'create job'],
      ...['service-match', 'service-weight', 'query', 'cookie', 'cors-allow-origin', 'status.loadBalancer'],
      ...['successfulJobsHistoryLimit', 'failedJobsHistoryLimit', 'schedule', 'start:testCron', 'OnDelete'],
      ...['create secret tls', '@MessagePattern', 'doRPC', 'GatewayMessageDto', 'Request', 'Response'],
      ...['Notify', 'Push', 'extensions/v1beta1', 'batch/v1beta1', 'wsType', 'route function'],
    ];
    expect(words.filter((word) => !page.includes(word))).toEqual([]);
  });
});
