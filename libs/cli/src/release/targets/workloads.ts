import { versionName } from '@ccgame/config';
import type { ReleaseTable } from '@ccgame/releases';
import type { Manifest } from '../render/manifest.js';
import { jobVersion } from './cluster-jobs.js';
import type { ServerCount } from './target.js';

/** A Deployment or StatefulSet, as far as it is read here. */
export interface Workload {
  kind: string;
  metadata: { name: string; generation: number; labels: { serverType: string; version: string } };
  spec: { replicas: number };
  status: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
  };
}

/** A HorizontalPodAutoscaler, as far as it is read here. */
export interface Autoscaler {
  kind: string;
  spec: { scaleTargetRef?: { kind: string; name: string }; minReplicas?: number };
}

/**
 * During an update those of the former manifest are not counted as ready, when the controller has not seen it yet, none. One that
 * an autoscaler is about to bring to its least number wants that many.
 */
export function countOf(
  { kind, metadata, spec, status }: Workload,
  autoscalers: Autoscaler[] = [],
): ServerCount {
  const { readyReplicas: ready = 0, updatedReplicas: updated = 0, replicas = 0 } = status;
  const isSeen = (status.observedGeneration ?? 0) >= metadata.generation;
  const scaler = autoscalers.find(
    ({ spec: { scaleTargetRef } }) => scaleTargetRef?.kind === kind && scaleTargetRef.name === metadata.name,
  );
  return {
    serverType: metadata.labels.serverType,
    version: metadata.labels.version,
    // A workload of 0 replicas isn't scaled: somebody switched it off.
    wanted: spec.replicas === 0 ? 0 : Math.max(spec.replicas, scaler?.spec.minReplicas ?? 0),
    // Kubernetes doesn't say which of them are ready: at least so many of the new ones are.
    ready: isSeen ? Math.max(0, ready - (replicas - updated)) : 0,
  };
}

/** A version that is about to start. */
interface Start {
  version: string;
  /** None before the first version. */
  table?: ReleaseTable;
}

/**
 * How many servers run is an autoscaler's or an operator's matter, once they do. A new version starts with as many as serve the stable
 * version by now, or those of its manifests where these are more: it may get all of stable's players at once.
 *
 * @param workloads those of all versions
 */
export function withReplicas(
  manifests: Manifest[],
  workloads: Workload[],
  { version, table }: Start,
): Manifest[] {
  const replicasOf = (name: string): number | undefined =>
    workloads.find(({ metadata }) => metadata.name === name)?.spec.replicas;
  return manifests.map((manifest) => {
    const { name, labels } = manifest.metadata;
    const rendered = manifest.spec?.replicas;
    if (typeof rendered !== 'number') return manifest;
    const serving = table ? jobVersion(table, labels?.serverType ?? '') : version;
    const ofStable = replicasOf(name.replace(versionName(version), versionName(serving))) ?? 0;
    const replicas = replicasOf(name) ?? Math.max(rendered, ofStable);
    return { ...manifest, spec: { ...manifest.spec, replicas } };
  });
}
