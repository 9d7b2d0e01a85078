import { join } from 'node:path';
import type { ReleaseTable } from '#releases';
import { versionName } from '#releases';
import { type Manifest, readManifests, rename, sourceVersion } from './manifests.js';

/**
 * HTTPRoutes that say what the table says: one a version that is live or draining, matched by the client's Version, and
 * one for clients that name none, with the canaries' weights.
 */
export function renderGatewayRoutes(folder: string, table: ReleaseTable): Manifest[] {
  const file = join(folder, 'ingress', 'gateway-api', 'routes.yaml');
  const served = Object.entries(table.versions).filter(
    ([, { state }]) => state === 'live' || state === 'draining',
  );
  const byVersion = served.flatMap(([version]) =>
    readManifests(file, (text) => rename(text, version, '')).filter(
      ({ kind, metadata }) => kind === 'HTTPRoute' && metadata.labels?.version === version,
    ),
  );
  const stable = readManifests(file).filter(({ metadata }) => metadata.name === 'game-prod-stable');
  return [...byVersion, ...stable.map((route) => withShares(route, table))];
}

interface RouteRule {
  backendRefs: Array<{ name: string; port: number; weight?: number }>;
}

/** Header-less traffic: each rule's one backend becomes one a version, in the table's proportions. */
function withShares(route: Manifest, table: ReleaseTable): Manifest {
  const rules = (route.spec?.rules ?? []) as RouteRule[];
  return {
    ...route,
    spec: { ...route.spec, rules: rules.map((rule) => ({ ...rule, backendRefs: shares(rule, table) })) },
  };
}

function shares(
  { backendRefs: [source] }: RouteRule,
  { stable, canaries }: ReleaseTable,
): RouteRule['backendRefs'] {
  if (!source) return [];
  const backend = (version: string, percent: number): RouteRule['backendRefs'][number] => ({
    ...source,
    name: source.name.replace(versionName(sourceVersion), versionName(version)),
    // Gateway weights are whole numbers: hundredths of a percent.
    weight: Math.round(percent * 100),
  });
  const weighted = canaries.filter(({ weight }) => weight > 0);
  const rest = 100 - weighted.reduce((sum, { weight }) => sum + weight, 0);
  return [backend(stable, rest), ...weighted.map(({ version, weight }) => backend(version, weight))];
}
