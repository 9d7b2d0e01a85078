import type { ReleaseTable } from '@ccgame/releases';
import { servedVersions } from './backends.js';
import { annotate, changePaths, type Ingress, pathFor, splitSticky, versionedServices } from './ingress.js';
import type { Manifest } from './manifest.js';
import { mapStrings, renameVersion } from './manifests.js';
import type { Template } from './template.js';

/**
 * Ingresses in the dialect of ingress-nginx: the stable version's, one canary's, matched by header and weight, and one a
 * version for those who name it in the path. The dialect knows one canary for a host and path, so of several canaries the
 * first is rendered.
 */
export function renderNginxIngresses({ routes, env }: Template, table: ReleaseTable): Manifest[] {
  const { stable, canaries } = table;
  const ofVersion = (version: string): Ingress[] =>
    routes
      .map((route) => mapStrings(route, (text) => renameVersion(text, version, env)) as Ingress)
      .map((ingress) => changePaths(ingress, (path) => [pathFor(path, version, table)]));
  const isMain = ({ metadata }: Ingress): boolean => !/-v\d+$/.test(metadata.name);
  const byPath = servedVersions(table).flatMap((version) => ofVersion(version).filter((one) => !isMain(one)));
  const main = ofVersion(stable).filter(isMain);
  const [canary] = canaries;
  if (!canary) return [...main, ...byPath].flatMap(splitSticky);
  const second = ofVersion(canary.version)
    .filter((ingress) => isMain(ingress) && versionedServices(ingress).length > 0)
    .map((ingress) => {
      const name = `${ingress.metadata.name}-canary`;
      return { ...ingress, metadata: { ...ingress.metadata, name } };
    })
    .map((ingress) =>
      annotate(ingress, {
        canary: 'true',
        'canary-by-header': 'Version',
        'canary-by-header-value': canary.version,
        // Whole percents are all that it takes.
        'canary-weight': String(Math.round(canary.weight)),
      }),
    );
  return [...main, ...second, ...byPath].flatMap(splitSticky);
}
