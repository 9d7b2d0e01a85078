/** The version that the manifests in k8s/ are written for. All others are rendered from it. */
export const sourceVersion = '1.0.0000';

/** A Kubernetes object, with the fields that every kind has. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
}

/** The fields of a container that rendering reads. */
export interface Container {
  name: string;
  image: string;
}

interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}

interface WithPods {
  template?: { spec?: PodSpec };
  jobTemplate?: { spec?: { template?: { spec?: PodSpec } } };
}

/** The containers of the pods that a workload makes, in one order; none for what makes no pods. */
export function containersOf({ spec }: Manifest): Container[] {
  const { template, jobTemplate } = (spec ?? {}) as WithPods;
  const pod = template?.spec ?? jobTemplate?.spec?.template?.spec;
  return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])];
}
