import type { Manifest } from './manifest.js';

interface Scaler {
  scaleTargetRef?: { kind?: string; name?: string };
}

/**
 * Without the number of replicas where an autoscaler (or what makes one, as KEDA's ScaledObject) stands beside the workload: a
 * tool that heals from Git would set it back for ever.
 */
export function withoutScaledReplicas(manifests: Manifest[]): Manifest[] {
  const scaled = new Set(manifests.map(({ spec }) => (spec as Scaler | undefined)?.scaleTargetRef?.name));
  return manifests.map((manifest) => {
    if (manifest.spec?.replicas === undefined || !scaled.has(manifest.metadata.name)) return manifest;
    const { replicas: _, ...spec } = manifest.spec;
    return { ...manifest, spec };
  });
}
