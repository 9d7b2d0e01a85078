import { join } from 'node:path';
import type { ReleaseTable } from '#releases';
import { type Manifest, readManifests, rename } from './manifests.js';

const prefix = 'nginx.ingress.kubernetes.io';

interface IngressManifest extends Manifest {
  metadata: Manifest['metadata'] & { annotations?: Record<string, string> };
}

/**
 * Ingresses in the dialect of ingress-nginx: the stable version's, and one canary's, matched by header and weight. The
 * dialect knows one canary for a host and path, so of several canaries the first is rendered.
 */
export function renderNginxIngresses(folder: string, { stable, canaries }: ReleaseTable): Manifest[] {
  const file = join(folder, 'ingress', 'nginx', 'ingress.yaml');
  const forVersion = (version: string): IngressManifest[] =>
    readManifests(file, (text) => rename(text, version, ''));
  const [canary] = canaries;
  if (!canary) return forVersion(stable);
  const canaryIngresses = forVersion(canary.version).map((ingress) => ({
    ...ingress,
    metadata: {
      ...ingress.metadata,
      name: `${ingress.metadata.name}-canary`,
      annotations: {
        ...ingress.metadata.annotations,
        [`${prefix}/canary`]: 'true',
        [`${prefix}/canary-by-header`]: 'Version',
        [`${prefix}/canary-by-header-value`]: canary.version,
        // Whole percents are all that it takes.
        [`${prefix}/canary-weight`]: String(Math.round(canary.weight)),
      },
    },
  }));
  return [...forVersion(stable), ...canaryIngresses];
}
