import type { ServerInstance, ServerState } from './target.js';

/** One thing that Kubernetes, or a controller, says of an object. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
}

interface Ended {
  exitCode: number;
  reason?: string;
}

interface ContainerStatus {
  name?: string;
  started?: boolean;
  restartCount: number;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Ended };
  lastState?: { terminated?: Ended };
}

/** As far as it is read here. */
export interface Pod {
  kind: string;
  metadata: {
    name: string;
    uid: string;
    labels: { serverType: string; version: string };
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    ownerReferences?: Array<{ kind: string; controller?: boolean }>;
  };
  spec: { nodeName?: string; terminationGracePeriodSeconds?: number };
  status: {
    phase: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** A machine of the cluster, as kubectl prints it. */
export interface Node {
  metadata: { name: string };
  status: { conditions?: Condition[] };
}

const defaultGraceSeconds = 30;
/** The kubelet's reason for a pod that is not ready though all its containers are. */
const gatesAreShut = 'ReadinessGatesNotReady';
/** A container that waits for these is only on its way. */
const onItsWay = ['ContainerCreating', 'PodInitializing'];

/** Whether the pod is one of a Deployment or a StatefulSet, and not of a Job. */
export function isOfWorkload({ metadata }: Pod): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner !== undefined && owner.kind !== 'Job';
}

/** Whether it ended for good: one that was evicted is listed until somebody deletes it, and another pod is in its place. */
export function hasEnded({ status: { phase } }: Pod): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

/** Whether Kubernetes sends traffic to the pod. */
export function isReady({ status }: Pod): boolean {
  return conditionOf(status.conditions, 'Ready')?.status === 'True';
}

/** Its kubelet has not been heard of for so long that the cluster gave it up. One that says itself that it is not ready (`False`) lives. */
export function isLost({ status }: Node): boolean {
  return conditionOf(status.conditions, 'Ready')?.status === 'Unknown';
}

/**
 * Whether Kubernetes took the pod out of service since its machine does not answer. The kubelet sets both conditions by one rule, and says so
 * where they differ by a readiness gate, as clouds' balancers put one into a pod; the node controller sets the first alone, and leaves its reason.
 * So it shows to an account that may not look at machines.
 */
function isUnheard({ status }: Pod): boolean {
  const ready = conditionOf(status.conditions, 'Ready');
  const containers = conditionOf(status.conditions, 'ContainersReady');
  return ready?.status === 'False' && ready.reason !== gatesAreShut && containers?.status === 'True';
}

/** The server that runs in a pod. @param lostNodes names of the machines that don't answer, as far as is known */
export function instanceOf(pod: Pod, lostNodes: ReadonlySet<string>): ServerInstance {
  const { metadata, spec } = pod;
  const grace = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds;
  const isLostPod = spec.nodeName !== undefined && (lostNodes.has(spec.nodeName) || isUnheard(pod));
  return {
    serverId: metadata.name,
    serverType: metadata.labels.serverType,
    version: metadata.labels.version,
    state: stateOf(pod),
    isReady: isReady(pod),
    podUid: metadata.uid,
    stopMs: (grace ?? defaultGraceSeconds) * 1000,
    ...(isLostPod && { lostNode: spec.nodeName }),
  };
}

function stateOf({ metadata, status }: Pod): ServerState {
  const { containerStatuses: all = [] } = status;
  // A proxy may run beside it; Kubernetes tells of them by their names' order.
  const container = all.find(({ name }) => name === gameContainer(metadata)) ?? all[0];
  if (!container?.state?.running) return 'absent';
  if (metadata.deletionTimestamp !== undefined) return 'leaving';
  return container.started ? 'running' : 'starting';
}

/** Why it isn't ready, where its own status says it. */
export function podProblem(pod: Pod): string | undefined {
  const placed = conditionOf(pod.status.conditions, 'PodScheduled');
  if (placed?.status === 'False') return said(placed.reason, placed.message);
  return containerProblem(pod)?.problem;
}

/** The container whose last words tell the most: the first one with a problem, else the game's. Undefined: kubectl's choice. */
export function containerToHear(pod: Pod): string | undefined {
  const game = pod.status.containerStatuses?.find(({ name }) => name === gameContainer(pod.metadata));
  return containerProblem(pod)?.name ?? game?.name;
}

/** Those that run first come first: the others wait for them. */
function containerProblem({ metadata, status }: Pod): { name?: string; problem: string } | undefined {
  const first = (status.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0);
  for (const { name, state, lastState, restartCount } of [...first, ...(status.containerStatuses ?? [])]) {
    const { waiting } = state ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    if (ended && (restartCount > 0 || state?.terminated)) {
      const isOther = name !== undefined && name !== gameContainer(metadata);
      const which = isOther ? `the process of its container ${name}` : 'its process';
      const how = `${ended.reason ?? 'Error'}, exit code ${ended.exitCode}`;
      const times = restartCount + (state?.terminated ? 1 : 0);
      return { name, problem: `${which} ended (${how}), ${times} times so far` };
    }
    if (waiting?.reason !== undefined && !onItsWay.includes(waiting.reason))
      return { name, problem: said(waiting.reason, waiting.message) };
  }
  return undefined;
}

const gameContainer = ({ labels }: Pod['metadata']): string => `${labels.serverType}app`;

function said(reason = 'not ready', message?: string): string {
  return message === undefined ? reason : `${reason}: ${message}`;
}

function conditionOf(conditions: Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
