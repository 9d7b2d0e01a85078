import type { ReleaseTable } from '#releases';
import { compareVersions } from '#releases';
import type { ServerStats } from './survey.js';

/** What would go wrong with this table and these servers, in sentences. */
export function findRisks(table: ReleaseTable, servers: ServerStats[], serverTypes: string[]): string[] {
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
  const earlier = new Map<string, string>();
  for (const { version, weight, rules } of table.canaries) {
    for (const rule of rules) {
      const text = JSON.stringify(rule);
      const first = earlier.get(text);
      if (first)
        risks.push(`Nobody gets ${version} by its rule ${text}: ${first} has the same and comes first.`);
      else earlier.set(text, version);
    }
    if (weight === 0 && rules.length === 0)
      risks.push(`The canary ${version} has neither a weight nor a rule: nobody gets it.`);
  }
  return risks;
}
