import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addVersion, firstTable, markLive, type ReleaseTable, setCanary, setFallback } from '#releases';
import { renderAlibabaIngress } from './alibaba-ingress.js';
import { renderGatewayRoutes } from './gateway-routes.js';
import { limitsOf } from './limits.js';
import { renderVersion, toYaml } from './manifests.js';
import { renderNginxIngresses } from './nginx-ingress.js';

const folder = join(process.cwd(), 'k8s');

function table(): ReleaseTable {
  const changes = [
    setCanary('1.0.0001', { weight: 12.5 }),
    addVersion('1.0.0002'),
    markLive('1.0.0002'),
    setFallback('connector', '1.0.0002', '1.0.0000'),
  ];
  return changes.reduce((now, change) => change(now), firstTable('production', '1.0.0000', ['1.0.0001']));
}

/** A copy of the manifests, as a studio has them that pulls its image from a registry. */
function withRegistry(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ccgame-render-'));
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, 'http/deployment.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('image: ccgame:', 'image: registry.example:5000/studio/game:'));
  return copy;
}

describe('the manifests of a version', () => {
  it('name nothing of the source version, but its own names, labels and image', () => {
    const text = toYaml(renderVersion(folder, { version: '2.3.0004', image: 'registry.example/game:7' }));
    expect(text).not.toMatch(/1\.0\.0000|v100000/);
    expect(text).toContain('name: connector-prod-v230004');
    expect(text).toContain('image: registry.example/game:7');
  });

  it('have the image of that version, from the registry that the source names', () => {
    const image = (options: { image?: string }): string =>
      toYaml(renderVersion(withRegistry(), { version: '2.3.0004', only: ['http'], ...options }));
    expect(image({})).toContain('image: registry.example:5000/studio/game:2.3.0004');
    expect(image({ image: 'elsewhere/game:7' })).toContain('image: elsewhere/game:7');
  });

  it('are those of the wanted types only', () => {
    const manifests = renderVersion(folder, { version: '2.3.0004', only: ['matching'] });
    expect(manifests.length).toBeGreaterThan(0);
    for (const { metadata } of manifests) expect(metadata.name).toMatch(/^matching-/);
  });

  it('of the source version are what k8s/ says', () => {
    const names = renderVersion(folder, { version: '1.0.0000' }).map(
      ({ kind, metadata }) => `${kind} ${metadata.name}`,
    );
    expect(names).toEqual(
      expect.arrayContaining(['Deployment http-prod-v100000', 'StatefulSet connector-prod-v100000']),
    );
  });
});

describe('the routes agree with the table', () => {
  const routes = (): any[] => renderGatewayRoutes(folder, table());

  it('one for each version that is served, by header, query and path', () => {
    const text = toYaml(routes().filter(({ metadata }) => metadata.name === 'game-prod-v100001'));
    expect(text).toMatch(/headers:\s+- name: Version\s+value: 1\.0\.0001/);
    expect(text).toMatch(/queryParams:\s+- name: version\s+value: 1\.0\.0001/);
    expect(text).toContain('value: /v/1.0.0001/socket.io');
    expect(text).toContain('name: connector-prod-v100001');
    expect(text).not.toContain('v100000');
  });

  it('and to the stand-in, where a version has no servers of a type', () => {
    const text = toYaml(routes().filter(({ metadata }) => metadata.name === 'game-prod-v100002'));
    expect(text).toContain('name: connector-prod-v100000');
    expect(text).toContain('name: http-prod-v100002');
    expect(text).not.toContain('connector-prod-v100002');
  });

  it('by weight for clients that name no version', () => {
    const stable = routes().find(({ metadata }) => metadata.name === 'game-prod-stable');
    for (const { backendRefs } of stable.spec.rules) {
      expect(backendRefs.map(({ name, weight }: any) => [name.replace(/^\w+/, ''), weight])).toEqual([
        ['-prod-v100000', 8750],
        ['-prod-v100001', 1250],
      ]);
    }
  });

  it('in the dialect of ingress-nginx, in whole percents', () => {
    const text = toYaml(renderNginxIngresses(folder, table()));
    expect(text).toContain('nginx.ingress.kubernetes.io/canary: "true"');
    expect(text).toContain('nginx.ingress.kubernetes.io/canary-by-header-value: 1.0.0001');
    expect(text).toMatch(/canary-weight: "1[23]"/);
  });

  it('with a path of its own for each version there, and with the stand-ins', () => {
    const pathsOf = (name: string): any =>
      (renderNginxIngresses(folder, table()) as any[])
        .find(({ metadata }) => metadata.name === name)
        .spec.rules[0].http.paths.map(({ path, backend }: any) => [path, backend.service.name]);
    expect(pathsOf('game-prod-v100001')).toEqual([
      ['/v/1.0.0001/(socket.io.*)', 'connector-prod-v100001'],
      ['/v/1.0.0001/(.*)', 'http-prod-v100001'],
    ]);
    expect(pathsOf('game-prod-v100002')[0]).toEqual(['/v/1.0.0002/(socket.io.*)', 'connector-prod-v100000']);
  });

  it('as far as the dialect can, and what it can’t is said', () => {
    expect(limitsOf('gateway', table())).toEqual([]);
    const rounded = 'The Ingress takes whole percents: 1.0.0001 has 13 there, not 12.5.';
    expect(limitsOf('alibaba', table())).toEqual([
      'The Ingress gives 1.0.0000 to who names no version, and not 1.0.0001 to 12.5 % of them.',
    ]);
    expect(limitsOf('nginx', table())).toEqual([
      rounded,
      'The Ingress gives 12.5 % of requests to 1.0.0001, of those too that name another version in the header.',
      'The Ingress knows the header of one canary: 1.0.0002 is reached by the path /v/1.0.0002/ alone.',
    ]);
  });

  it('in the dialect of Alibaba Cloud, each path with the Services of all versions', () => {
    const [ingress] = renderAlibabaIngress(folder, table()) as any[];
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
    const route = (renderGatewayRoutes(folder, ruled) as any[]).find(
      ({ metadata }) => metadata.name === 'game-prod-v100001-rules',
    );
    expect(route.spec.rules.map(({ backendRefs }: any) => backendRefs[0].name)).toEqual([
      'connector-prod-v100001',
      'http-prod-v100001',
    ]);
    const [{ matches }] = route.spec.rules;
    const track = { name: 'X-Track', value: 'beta' };
    const cookie = { type: 'RegularExpression', name: 'Cookie', value: '^(.*; *)?track=b\\.ta(;.*)?$' };
    expect(matches.map(({ headers, queryParams }: any) => ({ headers, queryParams }))).toEqual([
      { headers: [track] },
      { queryParams: [{ name: 'track', value: 'beta' }] },
      { headers: [cookie] },
      { headers: [track], queryParams: [{ name: 'region', value: 'eu' }] },
    ]);
    expect(matches[0].path.value).toBe('/socket.io');
    const pattern = new RegExp(cookie.value);
    for (const good of ['track=b.ta', 'a=b; track=b.ta', 'track=b.ta; c=d']) expect(good).toMatch(pattern);
    for (const bad of ['track=beta', 'xtrack=b.ta', 'track=b.tax']) expect(bad).not.toMatch(pattern);
  });

  it('are lines of service-match for Alibaba Cloud, one word each', () => {
    const [ingress] = renderAlibabaIngress(folder, ruled) as any[];
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
    expect(limitsOf(dialect, ruled)).toEqual(
      which.map(() =>
        expect.stringMatching(/^The routes don't follow the rule .* as .*: 1\.0\.0000's servers forward/),
      ),
    );
    for (const [at, index] of which.entries())
      expect(limitsOf(dialect, ruled)[at]).toContain(JSON.stringify(rules[index]));
  });
});
