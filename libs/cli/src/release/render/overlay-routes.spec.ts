import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { firstTable, setCanary } from '@ccgame/releases';
import type { Manifest } from './manifest.js';
import { renderRoutes } from './routes.js';
import { readTemplate, type Template } from './template.js';

const source = join(process.cwd(), 'k8s', 'release');
const routesOf = (dialect: string): string => join(source, '../ingress', dialect, 'routes');
const table = setCanary('1.0.0001', { weight: 25, rules: [{ region: 'eu' }] })(
  firstTable('production', '1.0.0000', ['1.0.0001']),
);
const ours = 'labels: { app: https, env: production }';
const redirect = (labels = ours): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: to-https, ${labels} }
spec:
  parentRefs: [{ name: game, sectionName: http }]
  rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }] }]
`;
const website = (spec: string): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: website, ${ours} }
spec: ${spec}
`;

describe('further routes of an overlay', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((one) => rmSync(one, { recursive: true })));

  function overlay(base: string, text: string): Template {
    const made = realpathSync(mkdtempSync(join(tmpdir(), 'ccgame-routes-')));
    folders.push(made);
    writeFileSync(join(made, 'route.yaml'), text);
    writeFileSync(join(made, 'kustomization.yaml'), `resources: [route.yaml, ${relative(made, base)}]\n`);
    return readTemplate(made);
  }
  const rendered = (template: Template, name: string): Manifest | undefined =>
    renderRoutes(template, table).find(({ metadata }) => metadata.name === name);

  it('stay as they are where they lead to no Service, as one to https', () => {
    const route = rendered(overlay(source, redirect()), 'to-https');
    expect(route?.spec?.rules).toEqual([
      { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] },
    ]);
  });

  it.each([
    ['{ defaultBackend: { service: { name: website, port: { number: 80 } } } }'],
    ['{ rules: [{ host: www.example.com }] }'],
    [
      '{ rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { resource: { kind: Bucket, name: pages } } }] } }] }',
    ],
  ])('stay as they are where an Ingress has nothing to do with versions: %s', (spec) => {
    for (const dialect of ['nginx', 'alibaba']) {
      const template = overlay(routesOf(dialect), website(spec));
      const [own] = template.routes.filter(({ metadata }) => metadata.name === 'website');
      expect(rendered(template, 'website')?.spec).toEqual(own?.spec);
    }
  });

  it('have the labels by which routes are found, or are refused before anything is changed', () => {
    expect(() => overlay(source, redirect('labels: { env: production }'))).toThrow(
      /HTTPRoute to-https lacks the labels app: https and env: production/,
    );
  });

  it('are of one kind, or are refused before anything is changed', () => {
    const ingress = website('{ defaultBackend: { service: { name: website, port: { number: 80 } } } }');
    expect(() => overlay(source, ingress)).toThrow(/has HTTPRoutes and Ingresses, .* an overlay for each/);
  });
});
