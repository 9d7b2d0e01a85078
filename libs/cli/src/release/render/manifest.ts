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
  env?: Array<{ name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }>;
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string> };
  spec?: { containers?: Container[]; initContainers?: Container[] };
}

/** The containers of the pods that a workload makes, in one order; none for what makes no pods. */
export function containersOf({ spec }: Pick<Manifest, 'spec'>): Container[] {
  const { containers = [], initContainers = [] } = podTemplateOf({ spec })?.spec ?? {};
  return [...containers, ...initContainers];
}

/** None for what makes no pods. */
function podTemplateOf({ spec = {} }: Pick<Manifest, 'spec'>): PodTemplate | undefined {
  const { template, jobTemplate } = spec as {
    template?: PodTemplate;
    jobTemplate?: { spec?: { template?: PodTemplate } };
  };
  return template ?? jobTemplate?.spec?.template;
}

/** The release channels of the servers: the CHANNEL of their pods, as far as it is a value or a label of the pod. */
export function channelsOf(manifests: Manifest[]): string[] {
  const found = manifests.flatMap((manifest) => {
    const labels = podTemplateOf(manifest)?.metadata?.labels ?? {};
    return containersOf(manifest)
      .flatMap(({ env = [] }) => env.filter(({ name }) => name === 'CHANNEL'))
      .map(({ value, valueFrom }) => {
        const [, label = ''] =
          /^metadata\.labels\['(.+)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? '') ?? [];
        return value ?? labels[label];
      });
  });
  return [...new Set(found)].filter((channel) => channel !== undefined);
}
