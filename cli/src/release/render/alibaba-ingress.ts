import { join } from 'node:path';
import type { ReleaseTable } from '#releases';
import { versionName } from '#releases';
import { type Manifest, readManifests, rename } from './manifests.js';

const prefix = 'nginx.ingress.kubernetes.io';

/** One Ingress with Alibaba Cloud's `service-match` and `service-weight`: each live version by header, shares by weight. */
export function renderAlibabaIngress(folder: string, table: ReleaseTable): Manifest[] {
  const file = join(folder, 'ingress', 'alibaba', 'ingress.yaml');
  const live = Object.entries(table.versions).filter(([, { state }]) => state === 'live');
  const matches = live.flatMap(([version]) =>
    services(version).map((name) => `${name}: header("Version", "${version}")`),
  );
  const weighted = table.canaries.filter(({ weight }) => weight > 0);
  const rest = 100 - weighted.reduce((sum, { weight }) => sum + weight, 0);
  const shares = [{ version: table.stable, weight: rest }, ...weighted].map(
    ({ version, weight }) => `http-prod-${versionName(version)}: ${Math.round(weight)}`,
  );
  return readManifests(file, (text) => rename(text, table.stable, '')).map((ingress) => ({
    ...ingress,
    metadata: {
      ...ingress.metadata,
      annotations: {
        ...(ingress.metadata as { annotations?: Record<string, string> }).annotations,
        [`${prefix}/service-match`]: `${matches.join('\n')}\n`,
        [`${prefix}/service-weight`]: `${shares.join('\n')}\n`,
      },
    },
  }));
}

const services = (version: string): string[] =>
  ['http', 'connector'].map((type) => `${type}-prod-${versionName(version)}`);
