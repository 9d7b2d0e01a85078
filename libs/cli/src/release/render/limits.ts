import type { ReleaseTable, Rule } from '@ccgame/releases';
import { servedVersions } from './backends.js';
import { mostMatches } from './gateway-routes.js';
import { httpMatchOf, refusedByGateway, serviceMatchOf, unroutable } from './rule-matches.js';
import type { Dialect } from './template.js';

/**
 * The parts of this table that a dialect can't say, in sentences. Players get what the table gives them all the same: http forwards a
 * request to its version, and a connector calls the servers of its player's. It costs a hop, and such sockets stay on the
 * connectors of the version that they came to.
 */
export function limitsOf(dialect: Dialect, table: ReleaseTable): string[] {
  const own = {
    gateway: () => tooManyRules(table),
    nginx: () => [...roundings(table), ...ofOneCanary(table), ...socketsByPathAlone(table)],
    alibaba: () => [...ofHeadersAlone(table), ...socketsByNothing(table)],
  };
  return [...own[dialect](), ...ofRules(dialect, table)];
}

/** Each rule that the routes don't follow, and why. */
function ofRules(dialect: Dialect, { stable, canaries }: ReleaseTable): string[] {
  return canaries.flatMap(({ version, rules }) =>
    rules.flatMap((rule) => {
      const reason = ruleLimit(dialect, rule);
      if (!reason) return [];
      const effect = `${stable}'s servers forward its requests, and its sockets stay on ${stable}'s connectors unless they name ${version}`;
      return [
        `The routes don't follow the rule ${JSON.stringify(rule)} of ${version}, as ${reason}: ${effect}.`,
      ];
    }),
  );
}

function ruleLimit(dialect: Dialect, rule: Rule): string | undefined {
  const reason = unroutable(rule);
  if (reason) return reason;
  if (dialect === 'nginx') return 'this dialect knows one header of a canary, which is Version';
  if (dialect === 'alibaba' && !serviceMatchOf(rule)) return 'this dialect matches one thing at a time';
  const refusal = dialect === 'gateway' ? refusedByGateway(rule) : undefined;
  if (refusal) return refusal;
  if (dialect === 'gateway' && rule.cookie) {
    return 'a cookie takes a regular expression, which is optional in the Gateway API (where yours knows it, they do)';
  }
  return undefined;
}

function tooManyRules({ stable, canaries }: ReleaseTable): string[] {
  return canaries.flatMap(({ version, rules }) => {
    const left = rules.filter((rule) => httpMatchOf(rule)).length - mostMatches;
    if (left <= 0) return [];
    return [
      `The routes follow the first ${mostMatches} rules of ${version} that they can, as a Gateway takes no more: ${stable}'s servers forward the requests of the other ${left}, and their sockets stay on ${stable}'s connectors unless they name ${version}.`,
    ];
  });
}

function roundings({ canaries }: ReleaseTable): string[] {
  return canaries
    .filter(({ weight }) => !Number.isInteger(weight))
    .map(
      ({ version, weight }) =>
        `The Ingress takes whole percents: ${version} has ${Math.round(weight)} there, not ${weight}.`,
    );
}

/** As Alibaba Cloud documents it: what matches no header goes to the older Service. */
function ofHeadersAlone({ stable, canaries }: ReleaseTable): string[] {
  return canaries
    .filter(({ weight }) => weight > 0)
    .map(
      ({ version, weight }) =>
        `The Ingress gives ${stable} to those who name no version, and not ${version} to ${weight} % of them.`,
    );
}

function socketsByPathAlone(table: ReleaseTable): string[] {
  return withOwnConnectors(table).map(
    (version) =>
      `The Ingress matches no query, in which the SDK names the version of its socket: those of ${version} come to another version's connectors, which serve them by the table, unless their path has /v/${version}/.`,
  );
}

function socketsByNothing(table: ReleaseTable): string[] {
  return withOwnConnectors(table).map(
    (version) =>
      `The Ingress matches neither query nor path, in which sockets name their version: those of ${version} come to ${table.stable}'s connectors, which serve them by the table.`,
  );
}

/** The versions whose connectors are others than stable's: a socket without a header should reach them, and a browser's has none. */
function withOwnConnectors(table: ReleaseTable): string[] {
  const connectorsOf = (version: string): string => table.fallbacks.connector?.[version] ?? version;
  return servedVersions(table).filter((version) => connectorsOf(version) !== connectorsOf(table.stable));
}

/** As ingress-nginx documents it: the header's one value goes first, the weight is for all other requests. */
function ofOneCanary(table: ReleaseTable): string[] {
  const { stable, canaries } = table;
  const [canary] = canaries;
  const byPath = servedVersions(table).filter((version) => version !== stable && version !== canary?.version);
  return [
    ...(canary && canary.weight > 0
      ? [
          `The Ingress gives ${canary.weight} % of requests to ${canary.version}, of those too that name another version in the header.`,
        ]
      : []),
    ...byPath.map(
      (version) =>
        `The Ingress knows the header of one canary: ${version} is reached by the path /v/${version}/ alone.`,
    ),
  ];
}
