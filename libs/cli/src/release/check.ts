import { compareVersions } from '@ccgame/config';
import { isAboutVersion, type ReleaseTable, type Rule } from '@ccgame/releases';
import type { ServerLabels } from './survey.js';

/** Everything that would go wrong with this table and the servers that answer, in sentences. */
export function findRisks(
  table: ReleaseTable,
  servers: ServerLabels[],
  serverTypes: readonly string[],
): string[] {
  const risks: string[] = [];
  const has = (type: string, version: string): boolean =>
    servers.some((server) => server.serverType === type && server.version === version);

  for (const [version, { state }] of Object.entries(table.versions)) {
    if (state !== 'live' && state !== 'draining') continue;
    for (const type of serverTypes) {
      const serving = table.fallbacks[type]?.[version] ?? version;
      if (!has(type, serving)) {
        risks.push(
          `${version} is ${state}, but no ${type} server of ${serving} answers${serving === version ? '' : ', its fallback'}.`,
        );
      }
    }
  }
  const known = new Set(Object.keys(table.versions));
  const strangers = [...new Set(servers.map(({ version }) => version))].filter(
    (version) => !known.has(version),
  );
  for (const version of strangers.sort(compareVersions))
    risks.push(`Servers of ${version} run, but the table does not know it.`);
  const earlier: Array<{ version: string; rule: Rule }> = [];
  for (const { version, weight, rules } of table.canaries) {
    for (const rule of rules) {
      const reason = unmatchedRules(rule, version, table, earlier);
      if (reason) risks.push(`Nobody gets ${version} by its rule ${JSON.stringify(rule)}: ${reason}.`);
      earlier.push({ version, rule });
    }
    if (weight === 0 && rules.length === 0)
      risks.push(`The canary ${version} has neither a weight nor a rule: nobody gets it.`);
  }
  return risks;
}

/** Why a rule is never the one that decides. */
function unmatchedRules(
  rule: Rule,
  version: string,
  { versions }: ReleaseTable,
  earlier: Array<{ version: string; rule: Rule }>,
): string | undefined {
  const first = earlier.find((one) => one.version !== version && coversVersion(one.rule, rule));
  if (first) return `${first.version} has one that fits them all, and comes first`;
  const named = isAboutVersion(rule) ? (rule.header ?? rule.query)?.value : undefined;
  if (named === undefined || named === version || versions[named]?.state !== 'live') return undefined;
  return `who names ${named} gets it, as it is live`;
}

/** Whether every client that the second rule fits is one that the first fits. */
function coversVersion(first: Rule, second: Rule): boolean {
  const isSame = (one: Rule['query'], other: Rule['query']): boolean =>
    !one || (one.name === other?.name && one.value === other.value);
  // Names of headers alone don't tell small letters from capitals.
  const small = (header: Rule['header']) => header && { ...header, name: header.name.toLowerCase() };
  const { players, region, build } = first;
  return (
    isSame(small(first.header), small(second.header)) &&
    isSame(first.query, second.query) &&
    isSame(first.cookie, second.cookie) &&
    (!players || (second.players?.every((player) => players.includes(player)) ?? false)) &&
    (!region || region === second.region) &&
    (!build || (!!second.build && build.from <= second.build.from && second.build.to <= build.to))
  );
}
