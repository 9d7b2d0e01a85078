import { join } from 'node:path';
import type { ReleaseTable } from '#releases';
import { servedVersions, serviceFor, sharesOf } from './backends.js';
import { type Manifest, readManifests, rename } from './manifests.js';

/**
 * HTTPRoutes that say what the table says: one a version that is live or draining, matched by the client's Version, and
 * one for clients that name none, with the canaries' weights.
 */
export function renderGatewayRoutes(folder: string, table: ReleaseTable): Manifest[] {
  const file = join(folder, 'ingress', 'gateway-api', 'routes.yaml');
  const byVersion = servedVersions(table).flatMap((version) =>
    readManifests(file, (text) => rename(text, version)).filter(
      ({ kind, metadata }) => kind === 'HTTPRoute' && metadata.labels?.version === version,
    ),
  );
  const stable = readManifests(file).filter(({ metadata }) => metadata.name === 'game-prod-stable');
  return [
    ...byVersion.map((route) => withStandIns(route, table)),
    ...stable.map((route) => withShares(route, table)),
  ];
}

interface RouteRule {
  backendRefs: Array<{ name: string; port: number; weight?: number }>;
}

/** A version without servers of a type is reached at the version that stands in for it. */
function withStandIns(route: Manifest, table: ReleaseTable): Manifest {
  const version = route.metadata.labels?.version ?? '';
  const rules = (route.spec?.rules ?? []) as RouteRule[];
  const backends = ({ backendRefs }: RouteRule): RouteRule['backendRefs'] =>
    backendRefs.map((backend) => ({ ...backend, name: serviceFor(backend.name, version, table) }));
  return {
    ...route,
    spec: { ...route.spec, rules: rules.map((rule) => ({ ...rule, backendRefs: backends(rule) })) },
  };
}

/** Header-less traffic: each rule's one backend becomes one a version, in the table's proportions. */
function withShares(route: Manifest, table: ReleaseTable): Manifest {
  const rules = (route.spec?.rules ?? []) as RouteRule[];
  return {
    ...route,
    spec: { ...route.spec, rules: rules.map((rule) => ({ ...rule, backendRefs: shares(rule, table) })) },
  };
}

function shares({ backendRefs: [source] }: RouteRule, table: ReleaseTable): RouteRule['backendRefs'] {
  if (!source) return [];
  return sharesOf(table).map(({ version, percent }) => ({
    ...source,
    name: serviceFor(source.name, version, table),
    // Gateway weights are whole numbers: hundredths of a percent.
    weight: Math.round(percent * 100),
  }));
}
