import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  addVersion,
  firstTable,
  markLive,
  type ReleaseTable,
  setCanary,
  setFallback,
} from '@ccgame/releases';
import { parseAllDocuments } from 'yaml';
import { renderAlibabaIngress } from './alibaba-ingress.js';
import { renderGatewayRoutes } from './gateway-routes.js';
import { imageOfVersion } from './image.js';
import { limitsOf } from './limits.js';
import { renderVersion, toYaml } from './manifests.js';
import { renderNginxIngresses } from './nginx-ingress.js';
import { renderRoutes } from './routes.js';
import { readTemplate, type Template } from './template.js';

const folder = join(process.cwd(), 'k8s', 'release');
const template = readTemplate(folder);
const routesOf = (dialect: string): Template => readTemplate(join(folder, '../ingress', dialect, 'routes'));

function table(): ReleaseTable {
  const changes = [
    setCanary('1.0.0001', { weight: 12.5 }),
    addVersion('1.0.0002'),
    markLive('1.0.0002'),
    setFallback('connector', '1.0.0002', '1.0.0000'),
  ];
  return changes.reduce((now, change) => change(now), firstTable('production', '1.0.0000', ['1.0.0001']));
}

describe('the manifests of a version', () => {
  it('name nothing of the source version, but its own names, labels and image', () => {
    const text = toYaml(renderVersion(template, { version: '2.3.0004', image: 'registry.example/game:7' }));
    expect(text).not.toMatch(/1\.0\.0000|v100000/);
    expect(text).toContain('name: connector-prod-v230004');
    expect(text).toContain('image: registry.example/game:7');
  });

  it('are for kubectl what they are here, though it reads YAML 1.1', () => {
    const header = { name: 'X-Try', value: 'yes' };
    const change = setCanary('1.0.0001', {
      weight: 0,
      rules: [{ header }, { cookie: { name: 'at', value: '12:30:45' } }],
    });
    const routes = renderRoutes(routesOf('gateway-api'), change(table()));
    const env = ['on', 'off', 'no', 'y', '1_000'].map((value) => ({ name: 'LONG_POLLING', value }));
    const objects = [...routes, { env }];
    const read = parseAllDocuments(toYaml(objects), { version: '1.1' }).map((one) => one.toJS() as object);
    expect(JSON.stringify(objects)).toContain('"yes"');
    expect(read).toEqual(objects);
  });

  it('are those of the wanted types only', () => {
    const manifests = renderVersion(template, { version: '2.3.0004', only: ['matching'] });
    expect(manifests.length).toBeGreaterThan(0);
    for (const { metadata } of manifests) expect(metadata.name).toMatch(/^matching-/);
  });

  it('of the source version are what k8s/ says', () => {
    expect(renderVersion(template, { version: '1.0.0000' })).toEqual(template.manifests);
  });

  it('have CronJobs of their own, which wait until the version is stable', () => {
    const jobs = renderVersion(template, { version: '2.3.0004' }).filter(({ kind }) => kind === 'CronJob');
    expect(jobs.map(({ metadata }) => metadata.name)).toContain('test-cron-prod-v230004');
    for (const { metadata, spec } of jobs) {
      expect(spec?.suspend).toBe(true);
      // Kubernetes adds eleven characters for a job's name, of 63.
      expect(metadata.name.length).toBeLessThanOrEqual(52);
    }
  });
});

describe('what versions are rendered from', () => {
  // As Kubernetes checks the name in a key of an annotation.
  const isTaken = (key: string): boolean =>
    /^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/i.test(key.split('/').at(-1) ?? '');
  const keysOf = (manifests: any[]): string[][] =>
    manifests.map(({ metadata }) => Object.keys(metadata.annotations ?? {}));

  it('is refused by an API server when it is applied by hand, and not when a release applies it', () => {
    for (const overlay of [folder, join(folder, '../overlays/staging')]) {
      const built = execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8' });
      const byHand = parseAllDocuments(built).map((document) => document.toJS());
      expect(byHand.length).toBeGreaterThan(10);
      for (const keys of keysOf(byHand)) expect(keys.every(isTaken)).toBe(false);
      const read = readTemplate(overlay);
      const released = [...renderVersion(read, { version: '2.3.0004' }), ...renderRoutes(read, table())];
      for (const keys of keysOf(released)) expect(keys.every(isTaken)).toBe(true);
    }
  });
});

describe('an overlay of a studio', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((one) => rmSync(one, { recursive: true })));

  /** A kustomization on top of the one that is there. */
  function overlay(text: string, base = folder): Template {
    const made = mkdtempSync(join(tmpdir(), 'ccgame-overlay-'));
    folders.push(made);
    writeFileSync(
      join(made, 'kustomization.yaml'),
      `resources: [${relative(realpathSync(made), base)}]\n${text}`,
    );
    return readTemplate(made);
  }

  it('gives every version its registry, node selector and name space', () => {
    const made = overlay(
      `namespace: game
images: [{ name: ccgame, newName: 'registry.example:5000/studio/game' }]
patches:
  - target: { kind: Deployment }
    patch: |-
      - { op: add, path: /spec/template/spec/nodeSelector, value: { pool: game } }
`,
    );
    const manifests: any[] = renderVersion(made, { version: '2.3.0004' });
    const http = manifests.find(({ kind }) => kind === 'Deployment');
    expect(http.metadata.name).toBe('http-prod-v230004');
    expect(http.spec.template.spec.nodeSelector).toEqual({ pool: 'game' });
    for (const { metadata } of manifests) expect(metadata.namespace).toBe('game');
    expect(
      toYaml(manifests)
        .match(/image: .*/g)
        ?.every((image) => image === 'image: registry.example:5000/studio/game:2.3.0004'),
    ).toBe(true);
    expect(made.namespace).toBe('game');
    expect(renderRoutes(made, table()).every(({ metadata }) => metadata.namespace === 'game')).toBe(true);
  });

  it('makes another environment, as k8s/overlays/staging does: its label, names and hosts everywhere', () => {
    const made = readTemplate(join(folder, '../overlays/staging'));
    expect([made.env, made.namespace]).toEqual(['staging', 'staging']);
    const version: any[] = renderVersion(made, { version: '2.3.0004' });
    const text = toYaml([...version, ...renderRoutes(made, table())]);
    expect(text).not.toMatch(/production|-prod-|game\.example/);
    expect(text).toContain('name: http-staging-v230004');
    expect(text).toContain('name: connector-staging-v100001');
    for (const { kind, spec } of version.filter(
      (one) => one.kind === 'Deployment' || one.kind === 'StatefulSet',
    )) {
      expect([kind, spec.selector.matchLabels.env, spec.template.metadata.labels.env]).toEqual([
        kind,
        'staging',
        'staging',
      ]);
    }
  });

  it.each(['nginx', 'alibaba'])('gives CORS to each Ingress by the component, as in %s', (dialect) => {
    // Both are beside k8s/ingress/cors.
    const base = join(folder, '../ingress', dialect, 'routes');
    const cors = relative(realpathSync(tmpdir()), join(folder, '../ingress/cors'));
    const made = overlay(`components: [../${cors}]\n`, base);
    const routes = renderRoutes(made, table());
    expect(routes.length).toBeGreaterThan(0);
    for (const { metadata } of routes) {
      expect(metadata.annotations).toMatchObject({
        'nginx.ingress.kubernetes.io/enable-cors': 'true',
        'nginx.ingress.kubernetes.io/cors-allow-origin': expect.stringContaining('https://'),
        'nginx.ingress.kubernetes.io/cors-allow-headers': expect.stringContaining('Version'),
      });
    }
  });

  it('leaves out what makes GKE refuse a route, by the component', () => {
    const base = join(folder, '../ingress/gateway-api/routes');
    const gke = relative(realpathSync(tmpdir()), join(folder, '../ingress/gke'));
    expect(toYaml(renderRoutes(routesOf('gateway-api'), table()))).toContain('timeouts:');
    const routes = renderRoutes(overlay(`components: [../${gke}]\n`, base), table());
    expect(routes.length).toBe(renderRoutes(routesOf('gateway-api'), table()).length);
    expect(toYaml(routes)).not.toContain('timeouts:');
  });

  it('gives a sticky cookie to sockets alone by the component, for those who poll', () => {
    const base = join(folder, '../ingress/nginx/routes');
    const sticky = relative(realpathSync(tmpdir()), join(folder, '../ingress/sticky'));
    const routes = renderRoutes(overlay(`components: [../${sticky}]\n`, base), table()) as any[];
    const shown = routes.map(({ metadata, spec }) => {
      const paths = spec.rules[0].http.paths.map(({ path }: any) => path as string);
      const affinity = metadata.annotations['nginx.ingress.kubernetes.io/affinity'] as string | undefined;
      return { name: metadata.name as string, paths, affinity };
    });
    const ofMain = shown.filter(({ name }) => !/-v\d/.test(name));
    expect(ofMain).toEqual([
      { name: 'https-socket', paths: ['/socket.io'], affinity: 'cookie' },
      { name: 'https', paths: ['/'], affinity: undefined },
      { name: 'https-canary-socket', paths: ['/socket.io'], affinity: 'cookie' },
      { name: 'https-canary', paths: ['/'], affinity: undefined },
    ]);
    for (const { name, paths, affinity } of shown) {
      expect([name, affinity]).toEqual([name, name.endsWith('-socket') ? 'cookie' : undefined]);
      for (const path of paths) expect(path.includes('socket.io')).toBe(name.endsWith('-socket'));
    }
    const version = renderVersion(overlay(`components: [../${sticky}]\n`), {
      version: '2.3.0004',
      only: ['connector', 'matching'],
    }) as any[];
    const polling = version
      .filter(({ kind }) => kind === 'StatefulSet')
      .filter(({ spec }) =>
        spec.template.spec.containers[0].env.some(({ name }: any) => name === 'LONG_POLLING'),
      );
    expect(polling.map(({ metadata }) => metadata.name as string)).toEqual(['connector-prod-v230004']);
  });

  it('may bring more than versions, which every version is applied with', () => {
    const made = overlay('configMapGenerator: [{ name: rules, literals: [mode=duel] }]\n');
    const names = renderVersion(made, { version: '2.3.0004', only: ['http'] }).map(
      ({ metadata }) => metadata.name,
    );
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^rules-/), 'http-prod-v230004']));
  });

  it('that is none is told with what kustomize says', () => {
    expect(() => readTemplate('/nowhere')).toThrow(
      /no \/nowhere in .*: run the command in the game's folder/,
    );
    expect(() => readTemplate(join(folder, '../registry'))).toThrow(Error);
  });
});

describe('the image of a version', () => {
  it.each([
    ['ccgame:1.0.0000', 'ccgame:2.3.0004'],
    ['ccgame:v1.0.0000', 'ccgame:v2.3.0004'],
    ['ccgame:1.0.0000-alpine', 'ccgame:2.3.0004-alpine'],
    ['registry.example:5000/studio/game:1.0.0000', 'registry.example:5000/studio/game:2.3.0004'],
    ['registry.example/1.0.0000/game:1.0.0000', 'registry.example/1.0.0000/game:2.3.0004'],
  ])('of %s is %s', (source, expected) => {
    expect(imageOfVersion(source, '2.3.0004')).toBe(expected);
    expect(imageOfVersion(source, '1.0.0000')).toBe(source);
  });

  it.each([
    'ccgame',
    'ccgame:latest',
    'ccgame:11.0.0000',
    'ccgame:1.0.00001',
    'ccgame:1.0.0000.7',
    'registry.example:5000/game',
    'ccgame@sha256:0b7c',
    'ccgame:1.0.0000@sha256:0b7c',
  ])('can’t be told from %s, which says so', (source) => {
    expect(() => imageOfVersion(source, '2.3.0004')).toThrow('--image');
  });

  /** The source with other containers in the pods of http. */
  function withContainers(change: (pod: { containers: any[]; initContainers?: any[] }) => void): any {
    const manifests: any[] = structuredClone(template.manifests);
    const source = manifests.find(({ kind }) => kind === 'Deployment');
    change(source.spec.template.spec);
    const [rendered]: any[] = renderVersion(
      { ...template, manifests: [source] },
      { version: '2.3.0004', image: 'new:7' },
    );
    const { containers, initContainers = [] } = rendered.spec.template.spec;
    return [...containers, ...initContainers].map(({ name, image }) => `${name} ${image}`);
  }

  it('that is asked for replaces any other of the game, by whatever it was named', () => {
    for (const image of ['ccgame@sha256:0b7c', 'registry.example:5000/game', 'ccgame:1.0.0000-alpine'])
      expect(withContainers(({ containers }) => (containers[0].image = image))).toEqual(['httpapp new:7']);
  });

  it('is for the game’s containers, and not for what stands beside it', () => {
    const images = withContainers((pod) => {
      pod.containers.unshift({ name: 'proxy', image: 'envoy:1.0.0000' });
      pod.initContainers = [{ name: 'migrate', image: 'ccgame:1.0.0000' }];
    });
    expect(images).toEqual(['proxy envoy:1.0.0000', 'httpapp new:7', 'migrate new:7']);
    const both = [
      { name: 'proxy', image: 'envoy:1' },
      { name: 'game', image: 'ccgame:1.0.0000' },
    ];
    expect(() => withContainers((pod) => (pod.containers = both))).toThrow('none is named httpapp');
  });
});

describe('the routes agree with the table', () => {
  const routes = (): any[] => renderGatewayRoutes(template, table());

  it('one for each version that is served, by header, query and path', () => {
    const text = toYaml(routes().filter(({ metadata }) => metadata.name === 'https-v100001'));
    expect(text).toMatch(/headers:\s+- name: Version\s+type: Exact\s+value: 1\.0\.0001/);
    expect(text).toMatch(/queryParams:\s+- name: version\s+type: Exact\s+value: 1\.0\.0001/);
    expect(text).toContain('value: /v/1.0.0001/socket.io');
    expect(text).toContain('name: connector-prod-v100001');
    expect(text).not.toContain('v100000');
  });

  it('and to the stand-in, where a version has no servers of a type', () => {
    const text = toYaml(routes().filter(({ metadata }) => metadata.name === 'https-v100002'));
    expect(text).toContain('name: connector-prod-v100000');
    expect(text).toContain('name: http-prod-v100002');
    expect(text).not.toContain('connector-prod-v100002');
  });

  it('by weight for clients that name no version', () => {
    const stable = routes().find(({ metadata }) => metadata.name === 'https');
    for (const { backendRefs } of stable.spec.rules) {
      expect(backendRefs.map(({ name, weight }: any) => [name.replace(/^\w+/, ''), weight])).toEqual([
        ['-prod-v100000', 7],
        ['-prod-v100001', 1],
      ]);
    }
  });

  it.each<[number | undefined, number[]]>([
    [0.1, [999, 1]],
    [33.33, [6667, 3333]],
    [100, [0, 1]],
    [undefined, [1]],
  ])('by weights as small as can be, as Google Cloud takes 1,000 at most: %p %', (weight, expected) => {
    const now = firstTable('production', '1.0.0000', ['1.0.0001']);
    const given = weight === undefined ? now : setCanary('1.0.0001', { weight })(now);
    const all = renderGatewayRoutes(template, given) as any[];
    const stable = all.find(({ metadata }) => metadata.name === 'https');
    for (const { backendRefs } of stable.spec.rules)
      expect(backendRefs.map((backend: any) => backend.weight)).toEqual(expected);
  });

  it('in the dialect of ingress-nginx, in whole percents', () => {
    const text = toYaml(renderNginxIngresses(routesOf('nginx'), table()));
    expect(text).toContain('nginx.ingress.kubernetes.io/canary: "true"');
    expect(text).toContain('nginx.ingress.kubernetes.io/canary-by-header-value: 1.0.0001');
    expect(text).toMatch(/canary-weight: "1[23]"/);
  });

  it('with a path of its own for each version there, and with the stand-ins', () => {
    const pathsOf = (name: string): any =>
      (renderNginxIngresses(routesOf('nginx'), table()) as any[])
        .find(({ metadata }) => metadata.name === name)
        .spec.rules[0].http.paths.map(({ path, backend }: any) => [path, backend.service.name]);
    expect(pathsOf('https-v100001')).toEqual([
      ['/v/1.0.0001/(socket.io.*)', 'connector-prod-v100001'],
      ['/v/1.0.0001/(.*)', 'http-prod-v100001'],
    ]);
    expect(pathsOf('https-v100002')[0]).toEqual(['/v/1.0.0002/(socket.io.*)', 'connector-prod-v100000']);
  });

  it('as far as the dialect can, and what it can’t is said', () => {
    expect(limitsOf('gateway', table())).toEqual([]);
    const rounded = 'The Ingress takes whole percents: 1.0.0001 has 13 there, not 12.5.';
    expect(limitsOf('alibaba', table())).toEqual([
      'The Ingress gives 1.0.0000 to those who name no version, and not 1.0.0001 to 12.5 % of them.',
      "The Ingress matches neither query nor path, in which sockets name their version: those of 1.0.0001 come to 1.0.0000's connectors, which serve them by the table.",
    ]);
    expect(limitsOf('nginx', table())).toEqual([
      rounded,
      'The Ingress gives 12.5 % of requests to 1.0.0001, of those too that name another version in the header.',
      'The Ingress knows the header of one canary: 1.0.0002 is reached by the path /v/1.0.0002/ alone.',
      // 1.0.0002 has no connectors but stable's.
      "The Ingress matches no query, in which the SDK names the version of its socket: those of 1.0.0001 come to another version's connectors, which serve them by the table, unless their path has /v/1.0.0001/.",
    ]);
  });

  it('in the dialect of Alibaba Cloud, each path with the Services of all versions', () => {
    const [ingress] = renderAlibabaIngress(routesOf('alibaba'), table()) as any[];
    const annotation = (name: string): string =>
      ingress.metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
    expect(annotation('service-match')).toContain('connector-prod-v100001: header("Version", "1.0.0001")\n');
    expect(annotation('service-match')).toContain('connector-prod-v100000: header("Version", "1.0.0002")\n');
    expect(annotation('service-weight')).toBeUndefined();
    const paths = ingress.spec.rules[0].http.paths.map(
      ({ path, backend }: any) => `${path} ${backend.service.name}`,
    );
    expect(paths).toEqual([
      '/socket.io connector-prod-v100000',
      '/socket.io connector-prod-v100001',
      '/ http-prod-v100000',
      '/ http-prod-v100001',
      '/ http-prod-v100002',
    ]);
  });
});

describe('the rules of a canary', () => {
  const rules = [
    { header: { name: 'X-Track', value: 'beta' } },
    { query: { name: 'track', value: 'beta' } },
    { cookie: { name: 'track', value: 'b.ta' } },
    { header: { name: 'X-Track', value: 'beta' }, region: 'eu' },
    { players: ['anna'] },
    { build: { from: 1, to: 9 } },
  ];
  const ruled = setCanary('1.0.0001', { rules })(firstTable('production', '1.0.0000', ['1.0.0001']));

  it('are a route of their own for a Gateway, to http and connectors', () => {
    const route = (renderGatewayRoutes(template, ruled) as any[]).find(
      ({ metadata }) => metadata.name === 'https-v100001-rules',
    );
    expect(route.spec.rules.map(({ backendRefs }: any) => backendRefs[0].name)).toEqual([
      'connector-prod-v100001',
      'http-prod-v100001',
    ]);
    const [{ matches }] = route.spec.rules;
    const track = { type: 'Exact', name: 'X-Track', value: 'beta' };
    const cookie = { type: 'RegularExpression', name: 'Cookie', value: '^(.*; *)?track=b\\.ta(;.*)?$' };
    expect(matches.map(({ headers, queryParams }: any) => ({ headers, queryParams }))).toEqual([
      { headers: [track] },
      { queryParams: [{ type: 'Exact', name: 'track', value: 'beta' }] },
      { headers: [cookie] },
      { headers: [track], queryParams: [{ type: 'Exact', name: 'region', value: 'eu' }] },
    ]);
    expect(matches[0].path.value).toBe('/socket.io');
    const pattern = new RegExp(cookie.value);
    for (const good of ['track=b.ta', 'a=b; track=b.ta', 'track=b.ta; c=d']) expect(good).toMatch(pattern);
    for (const bad of ['track=beta', 'xtrack=b.ta', 'track=b.tax']) expect(bad).not.toMatch(pattern);
  });

  it.each([
    ['with an empty value', { header: { name: 'beta', value: '' } }],
    ['with an empty value in the query', { query: { name: 'beta', value: '' } }],
    ['by a name with a space in the query', { query: { name: 'my beta', value: 'yes' } }],
    ['by a header with a space', { header: { name: 'my beta', value: 'yes' } }],
    ['by one name twice', { query: { name: 'region', value: 'us' }, region: 'eu' }],
  ])('are left out of a Gateway where it would refuse the route, which is told: one %s', (_, rule) => {
    const other = { header: { name: 'X-Track', value: 'beta' } };
    const canary = setCanary('1.0.0001', { rules: [other] });
    const table = canary(firstTable('production', '1.0.0000', ['1.0.0001']));
    // A stored table of before names were checked may have a rule that is no longer taken.
    table.canaries[0].rules.unshift(rule);
    const route = (renderGatewayRoutes(template, table) as any[]).find(
      ({ metadata }) => metadata.name === 'https-v100001-rules',
    );
    expect(route.spec.rules[0].matches).toHaveLength(1);
    expect(limitsOf('gateway', table)).toEqual([
      expect.stringContaining(`${JSON.stringify(rule)} of 1.0.0001, as`),
    ]);
  });

  it('are 64 at most on a Gateway, and the others are told', () => {
    const rules = Array.from({ length: 70 }, (_, n) => ({ header: { name: 'beta', value: String(n) } }));
    const canary = setCanary('1.0.0001', { rules });
    const table = canary(firstTable('production', '1.0.0000', ['1.0.0001']));
    const routes = renderGatewayRoutes(routesOf('gateway-api'), table) as any[];
    const route = routes.find(({ metadata }) => metadata.name === 'https-v100001-rules');
    expect(route.spec.rules[0].matches).toHaveLength(64);
    expect(limitsOf('gateway', table)).toEqual([
      expect.stringMatching(/first 64 rules of 1\.0\.0001.*of the other 6,/),
    ]);
  });

  it('are lines of service-match for Alibaba Cloud, one word each', () => {
    const [ingress] = renderAlibabaIngress(routesOf('alibaba'), ruled) as any[];
    const lines = ingress.metadata.annotations['nginx.ingress.kubernetes.io/service-match'].split('\n');
    for (const match of ['header("X-Track", "beta")', 'query("track", "beta")', 'cookie("track", "b.ta")'])
      expect(lines).toEqual(
        expect.arrayContaining([`connector-prod-v100001: ${match}`, `http-prod-v100001: ${match}`]),
      );
  });

  it.each([
    ['gateway' as const, [2, 4, 5]],
    ['nginx' as const, [0, 1, 2, 3, 4, 5]],
    ['alibaba' as const, [3, 4, 5]],
  ])('that %s does not follow are told, each with why', (dialect, which) => {
    // The others are about the version itself, whatever its rules.
    const told = limitsOf(dialect, ruled).filter((one) => /\brules?\b/.test(one));
    expect(told).toEqual(
      which.map(() =>
        expect.stringMatching(/^The routes don't follow the rule .* as .*: 1\.0\.0000's servers forward/),
      ),
    );
    for (const [at, index] of which.entries()) expect(told[at]).toContain(JSON.stringify(rules[index]));
  });
});
