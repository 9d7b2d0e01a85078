import type { ReleaseTable } from '#releases';
import { servedVersions } from './backends.js';
import type { Dialect } from './routes.js';

/** What a dialect can't say of this table, in sentences: connectors go by the table all the same, http answers as it is reached. */
export function limitsOf(dialect: Dialect, table: ReleaseTable): string[] {
  if (dialect === 'gateway') return [];
  return dialect === 'nginx' ? [...roundings(table), ...ofOneCanary(table)] : ofHeadersAlone(table);
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
        `The Ingress gives ${stable} to who names no version, and not ${version} to ${weight} % of them.`,
    );
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
