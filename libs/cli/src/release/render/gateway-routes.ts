import type { ReleaseTable } from '@ccgame/releases';
import { isOfVersion, servedVersions, serviceFor, sharesOf } from './backends.js';
import type { Manifest } from './manifest.js';
import { mapStrings, renameVersion } from './manifests.js';
import { type HttpMatch, httpMatchOf } from './rule-matches.js';
import type { Template } from './template.js';

/** The Gateway API's limit for one rule of an HTTPRoute: so many of a canary's rules are in its route. */
export const mostMatches = 64;

/**
 * HTTPRoutes that say what the table says: one a version that is live or draining, matched by the client's Version, one a
 * canary, matched by its rules, and one for clients that name none, with the canaries' weights. The rules stand by
 * themselves, as a Gateway that refuses a match for a cookie refuses the whole route.
 */
export function renderGatewayRoutes({ routes, env }: Template, table: ReleaseTable): Manifest[] {
  const isVersioned = ({ metadata }: Manifest): boolean => metadata.labels?.version !== undefined;
  const byVersion = servedVersions(table).flatMap((version) =>
    routes.filter(isVersioned).map((route) => mapStrings(route, (text) => renameVersion(text, version, env))),
  );
  const stable = routes
    .filter((route) => !isVersioned(route))
    .map((route) => mapStrings(route, (text) => renameVersion(text, table.stable, env)));
  return [
    ...byVersion.map((route) => withStandIns(route, table)),
    ...byVersion.flatMap((route) => withRules(withStandIns(route, table), table)),
    ...stable.map((route) => withShares(route, table)),
  ];
}

interface RouteRule {
  matches?: Array<HttpMatch & { path: { type: string; value: string } }>;
  /** None where it leads to no Service, as a redirect. */
  backendRefs?: Array<{ name: string; port: number; weight?: number }>;
}

/** A version without servers of a type is reached at the version that stands in for it. */
function withStandIns(route: Manifest, table: ReleaseTable): Manifest {
  const version = route.metadata.labels?.version ?? '';
  return withBackends(route, (backendRefs) =>
    backendRefs.map((backend) => ({ ...backend, name: serviceFor(backend.name, version, table) })),
  );
}

/** The route of those whom a canary's rules are about; none where no rule can be matched. */
function withRules(route: Manifest, { canaries }: ReleaseTable): Manifest[] {
  const canary = canaries.find(({ version }) => version === route.metadata.labels?.version);
  const wanted = (canary?.rules ?? []).flatMap((rule) => httpMatchOf(rule) ?? []).slice(0, mostMatches);
  if (wanted.length === 0) return [];
  // Those by header and query are the ones that have a plain path.
  const rules = ((route.spec?.rules ?? []) as RouteRule[])
    .filter(({ matches }) => matches?.some(({ headers }) => headers))
    .map((rule) => ({
      ...rule,
      matches: wanted.map((match) => ({ path: rule.matches?.[0]?.path, ...match })),
    }));
  return [
    {
      ...route,
      metadata: { ...route.metadata, name: `${route.metadata.name}-rules` },
      spec: { ...route.spec, rules },
    },
  ];
}

/** Header-less traffic: each rule's one backend becomes one a version, in the table's proportions. */
function withShares(route: Manifest, table: ReleaseTable): Manifest {
  return withBackends(route, (backendRefs) => {
    const source = backendRefs.find(({ name }) => isOfVersion(name));
    return source ? shares(source, table) : backendRefs;
  });
}

type Backend = NonNullable<RouteRule['backendRefs']>[number];

function withBackends(route: Manifest, change: (backendRefs: Backend[]) => Backend[]): Manifest {
  const rules = ((route.spec?.rules ?? []) as RouteRule[]).map((rule) =>
    rule.backendRefs ? { ...rule, backendRefs: change(rule.backendRefs) } : rule,
  );
  return { ...route, spec: { ...route.spec, rules } };
}

function shares(source: Backend, table: ReleaseTable): Backend[] {
  const all = sharesOf(table);
  // Whole numbers, for hundredths of a percent, and as small as they can be: Google's URL maps take up to 1,000.
  const hundredths = all.map(({ percent }) => Math.round(percent * 100));
  const common = hundredths.reduce(greatestDivisor);
  return all.map(({ version }, index) => ({
    ...source,
    name: serviceFor(source.name, version, table),
    weight: (hundredths[index] ?? 0) / common,
  }));
}

/** One of the two may be 0. */
function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
