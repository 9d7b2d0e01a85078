import { join } from 'node:path';
import type { ReleaseTable } from '#releases';
import { servedVersions } from './backends.js';
import { annotate, changePaths, type Ingress, pathFor } from './ingress.js';
import { type Manifest, readManifests, rename } from './manifests.js';

/**
 * Ingresses in the dialect of ingress-nginx: the stable version's, one canary's, matched by header and weight, and one a
 * version for those who name it in the path. The dialect knows one canary for a host and path, so of several canaries the
 * first is rendered.
 */
export function renderNginxIngresses(folder: string, table: ReleaseTable): Manifest[] {
  const { stable, canaries } = table;
  const ofVersion = (version: string): Ingress[] =>
    readManifests(join(folder, 'ingress', 'nginx', 'ingress.yaml'), (text) => rename(text, version)).map(
      (ingress) => changePaths(ingress as Ingress, (path) => [pathFor(path, version, table)]),
    );
  const isMain = ({ metadata }: Ingress): boolean => metadata.name === 'game-prod';
  const byPath = servedVersions(table).flatMap((version) => ofVersion(version).filter((one) => !isMain(one)));
  const main = ofVersion(stable).filter(isMain);
  const [canary] = canaries;
  if (!canary) return [...main, ...byPath];
  const second = ofVersion(canary.version)
    .filter(isMain)
    .map((ingress) => ({ ...ingress, metadata: { ...ingress.metadata, name: 'game-prod-canary' } }))
    .map((ingress) =>
      annotate(ingress, {
        canary: 'true',
        'canary-by-header': 'Version',
        'canary-by-header-value': canary.version,
        // Whole percents are all that it takes.
        'canary-weight': String(Math.round(canary.weight)),
      }),
    );
  return [...main, ...second, ...byPath];
}
