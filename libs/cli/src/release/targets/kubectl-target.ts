import type { ReleaseTable } from '@ccgame/releases';
import { renderVersion, toYaml } from '../render/manifests.js';
import type { Template } from '../render/template.js';
import { ClusterJobs } from './cluster-jobs.js';
import { ClusterRoutes } from './cluster-routes.js';
import { assertServerVersion } from './cluster-version.js';
import { type ClusterEvent, newestEvent } from './events.js';
import type { Kubectl } from './kubectl.js';
import {
  type Node,
  type Pod,
  containerToHear,
  hasEnded,
  instanceOf,
  isOfWorkload,
  isLost,
  isReady,
  podProblem,
} from './pods.js';
import type { DeployOptions, ReleaseTarget, Servers, StartProblem } from './target.js';
import { type Autoscaler, countOf, withReplicas, type Workload } from './workloads.js';

/** The kinds that `k8s/release` renders, as kubectl calls them; an overlay may have more. */
const kinds = new Map([
  ['Deployment', 'deployment'],
  ['StatefulSet', 'statefulset'],
  ['CronJob', 'cronjob'],
  ['Service', 'service'],
  ['HorizontalPodAutoscaler', 'hpa'],
  ['PodDisruptionBudget', 'pdb'],
]);
/** Routers hear of a route's end some seconds late: as long as the manifests' preStop. */
export const routedMs = 5_000;
const lastLines = '12';

/** The cluster of one kubectl context and its name space. */
export class KubectlTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  readonly jobTypes: readonly string[];
  private readonly routes: ClusterRoutes;
  private readonly jobs: ClusterJobs;

  constructor(
    private readonly template: Template,
    private readonly kubectl: Kubectl,
  ) {
    this.serverTypes = template.serverTypes;
    this.jobTypes = template.jobTypes;
    this.routes = new ClusterRoutes(template, kubectl);
    this.jobs = new ClusterJobs(template, kubectl);
  }

  /** @throws Error when the manifests ask for more than the cluster can do, or it does not answer */
  assertUsable(): Promise<void> {
    return assertServerVersion(this.kubectl);
  }

  /** Its image has the code. */
  prepareCode(_version: string, { from }: DeployOptions): Promise<readonly string[]> {
    if (from !== undefined)
      throw new Error('--from is for what npm start runs; in a cluster a version is an image: say --image.');
    return Promise.resolve([...this.serverTypes, ...this.jobTypes]);
  }

  async start(version: string, options: DeployOptions, table?: ReleaseTable): Promise<void> {
    await this.assertUsable();
    const rendered = renderVersion(this.template, { version, ...options });
    const running = await this.listObjects<Workload>('deployment,statefulset', ...this.labelled());
    const manifests = toYaml(withReplicas(rendered, running, { version, table }));
    // The cluster checks all of them before it takes the first.
    await this.kubectl.run(['apply', '--dry-run=server', '-f', '-'], manifests);
    await this.kubectl.run(['apply', '-f', '-'], manifests);
  }

  async startProblems(version: string): Promise<StartProblem[]> {
    const items = await this.listObjects<Pod & Workload & Autoscaler>(
      'deployment,statefulset,pod',
      ...this.labelled(version),
    );
    const { pods, workloads } = parted(items);
    const waiting = pods.filter((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp);
    const lacking = workloads.filter((one) => (one.status.replicas ?? 0) < one.spec.replicas);
    if (waiting.length === 0 && lacking.length === 0) return [];
    const warnings = await this.listObjects<ClusterEvent>('events', '--field-selector', 'type=Warning');
    const lastWarning = (isAbout: (what: ClusterEvent['involvedObject']) => boolean): string | undefined =>
      newestEvent(warnings.filter(({ involvedObject }) => isAbout(involvedObject)))?.message;
    const problems = [
      ...waiting.map((pod) => ({
        name: pod.metadata.name,
        reason: podProblem(pod) ?? lastWarning(({ uid }) => uid === pod.metadata.uid),
      })),
      // No pod could even be made: a quota, a policy, a missing account. A Deployment's are made by a ReplicaSet.
      ...lacking.map(({ metadata: { name } }) => ({
        name,
        reason: lastWarning((about) => about.name === name || isReplicaSetOf(name, about.name)),
      })),
    ];
    return problems.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));
  }

  /** The last lines of a pod's log; where it crashed, those of its former incarnation. */
  async lastWords(pod: string): Promise<string> {
    const container = await this.containerToHear(pod).catch(() => undefined);
    const logs = ['logs', pod, ...(container ? ['--container', container] : []), '--tail', lastLines];
    return this.kubectl.run([...logs, '--previous']).catch(() => this.kubectl.run(logs).catch(() => ''));
  }

  /** None of a workload without a pod. */
  private async containerToHear(pod: string): Promise<string | undefined> {
    return containerToHear(JSON.parse(await this.kubectl.run(['get', 'pod', pod, '-o', 'json'])) as Pod);
  }

  async stop(version: string, beforeServers?: () => Promise<void>): Promise<void> {
    if (await this.routes.removeRoutes(version))
      await new Promise((resolve) => setTimeout(resolve, routedMs));
    await beforeServers?.();
    await this.kubectl.run([
      'delete',
      [...kinds.values(), ...this.kindsOfOverlay()].join(),
      ...this.labelled(version),
      '--ignore-not-found',
      '--wait=false',
    ]);
  }

  async servers(): Promise<Servers> {
    const items = await this.listObjects<Pod & Workload & Autoscaler>(
      'deployment,statefulset,pod,hpa',
      ...this.labelled(),
    );
    const { pods: all, workloads, autoscalers } = parted(items);
    const pods = all.filter((pod) => !hasEnded(pod));
    const mayBeLost = pods.some((pod) => !isReady(pod) || pod.metadata.deletionTimestamp !== undefined);
    const lost = mayBeLost ? await this.lostNodes() : new Set<string>();
    return {
      counts: workloads.map((workload) => countOf(workload, autoscalers)),
      instances: pods.map((pod) => instanceOf(pod, lost)),
    };
  }

  async follow(table: ReleaseTable): Promise<void> {
    await this.routes.followTable(table);
    await this.jobs.follow(table);
    await this.routes.bringBack(table);
  }

  /** As `follow`, for some versions alone. */
  followJobs(table: ReleaseTable, isConcerned: (version: string) => boolean): Promise<void> {
    return this.jobs.follow(table, isConcerned);
  }

  /** Whether a version still has routes of its own. */
  hasRoutes(version: string): Promise<boolean> {
    return this.routes.hasRoutes(version);
  }

  async routeProblems(table: ReleaseTable): Promise<string[]> {
    return [...(await this.routes.findProblems(table)), ...(await this.jobs.problems(table))];
  }

  async routeLimits(table: ReleaseTable): Promise<string[]> {
    return [...this.routes.dialectLimits(table), ...(await this.routes.leftovers())];
  }

  /** How many NATS servers keep each stream, as the manifests of NATS say; undefined where they are not in use. */
  async natsReplicas(): Promise<string | undefined> {
    const path = 'jsonpath={.data.replicas}';
    const found = await this.kubectl.run([
      'get',
      'configmap',
      'nats-servers',
      '--ignore-not-found',
      '-o',
      path,
    ]);
    return found.trim() || undefined;
  }

  /** None where the account may not look at nodes. */
  private async lostNodes(): Promise<Set<string>> {
    const nodes = await this.listObjects<Node>('node').catch((error: Error) => {
      if (/forbidden/i.test(error.message)) return [];
      throw error;
    });
    return new Set(nodes.filter(isLost).map(({ metadata }) => metadata.name));
  }

  private async listObjects<T>(...what: string[]): Promise<T[]> {
    const text = await this.kubectl.run(['get', ...what, '-o', 'json']);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Further kinds with the label of the version, as `scaledobject.keda.sh`: they go with it. */
  private kindsOfOverlay(): string[] {
    const further = this.template.manifests.filter(
      ({ kind, metadata }) => metadata.labels?.version !== undefined && !kinds.has(kind),
    );
    const names = further.map(({ apiVersion, kind }) => {
      const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
      return `${kind.toLowerCase()}${group}`;
    });
    return [...new Set(names)];
  }

  /** The arguments that select the objects of one version, or of all. */
  private labelled(version?: string): string[] {
    const ofVersion = version === undefined ? 'version' : `version=${version}`;
    return ['-l', `env=${this.template.env},serverType,${ofVersion}`];
  }
}

interface Parts {
  pods: Pod[];
  workloads: Workload[];
  autoscalers: Autoscaler[];
}

/** Pods of a job bear the version's labels too, and stay when they are done: they are no servers. */
function parted(items: Array<Pod & Workload & Autoscaler>): Parts {
  const isWorkload = ({ kind }: Workload): boolean => kind === 'Deployment' || kind === 'StatefulSet';
  return {
    pods: items.filter((one) => one.kind === 'Pod' && isOfWorkload(one)),
    workloads: items.filter(isWorkload),
    autoscalers: items.filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
  };
}

function isReplicaSetOf(deployment: string, name: string): boolean {
  return name.startsWith(`${deployment}-`) && /^[a-z0-9]+$/.test(name.slice(deployment.length + 1));
}
