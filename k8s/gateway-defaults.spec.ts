import { join } from 'node:path';
import { readTemplate, renderGatewayRoutes } from '@ccgame/cli';
import { readManifests } from './read-manifests.js';

type Any = any;

const folder = join(process.cwd(), 'k8s/ingress/gateway-api');
const match = { path: { type: 'PathPrefix', value: '/' } };
const exact = (one: Any): Any => ({ type: 'Exact', ...one });

/** The defaults of the standard channel's CRDs of the Gateway API, v1, as the API server puts them into what it is given. */
function completed(manifest: Any): Any {
  const { kind, spec } = manifest;
  return { ...manifest, spec: kind === 'Gateway' ? completedGateway(spec) : completedRoute(spec) };
}

const completedRoute = (spec: Any): Any => ({
  ...spec,
  parentRefs: spec.parentRefs.map((one: Any) => ({
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    ...one,
  })),
  rules: (spec.rules ?? [{}]).map(({ matches = [match], backendRefs, ...rule }: Any) => ({
    ...rule,
    matches: matches.map(({ path, headers, queryParams, ...one }: Any) => ({
      ...one,
      path: { ...match.path, ...path },
      ...(headers && { headers: headers.map(exact) }),
      ...(queryParams && { queryParams: queryParams.map(exact) }),
    })),
    backendRefs: backendRefs.map((one: Any) => ({ group: '', kind: 'Service', weight: 1, ...one })),
  })),
});

const completedGateway = (spec: Any): Any => ({
  ...spec,
  listeners: spec.listeners.map(({ allowedRoutes, tls, ...listener }: Any) => ({
    ...listener,
    allowedRoutes: { ...allowedRoutes, namespaces: { from: 'Same', ...allowedRoutes?.namespaces } },
    ...(tls && {
      tls: {
        mode: 'Terminate',
        ...tls,
        certificateRefs: tls.certificateRefs.map((one: Any) => ({ group: '', kind: 'Secret', ...one })),
      },
    }),
  })),
});

/** `kubectl apply` compares a list of a custom resource as a whole with the one that stands: one default left out is a change at each run. */
describe('a second kubectl apply changes nothing', () => {
  it.each(['gateway.yaml', 'routes/routes.yaml'])('in %s', (file) => {
    const manifests = readManifests(join(folder, file));
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests).toEqual(manifests.map(completed));
  });

  it('in the routes that are rendered from a release table with canaries', () => {
    const rules = [
      { header: { name: 'X-Test', value: '1' }, cookie: { name: 'beta', value: 'on' } },
      { query: { name: 'q', value: '1' }, region: 'eu' },
    ];
    const slots: [number, number][] = [[0, 1000]];
    const routes = renderGatewayRoutes(readTemplate(join(folder, 'routes')), {
      channel: 'production',
      stable: '1.0.0000',
      versions: { '1.0.0000': { state: 'live' }, '1.0.0001': { state: 'live' } },
      canaries: [{ version: '1.0.0001', rules, weight: 10, slots }],
      fallbacks: {},
      salt: 's',
    });
    expect(routes.map(({ metadata }) => metadata.name)).toContain('https-v100001-rules');
    expect(routes).toEqual(routes.map(completed));
  });
});
