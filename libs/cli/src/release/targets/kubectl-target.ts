import type { ReleaseTable } from '@ccgame/releases';
import type { ReadyPod } from '../builds.js';
import type { Manifest } from '../render/manifest.js';
import { renderVersion, toYaml } from '../render/manifests.js';
import type { Template } from '../render/template.js';
import { ClusterJobs } from './cluster-jobs.js';
import { ClusterRoutes } from './cluster-routes.js';
import { assertServerVersion } from './cluster-version.js';
import { type ClusterPlace, type Kubectl, kubectlFor } from './kubectl.js';
import type { DeployOptions, ReleaseTarget, ServerCount } from './target.js';

const kinds = 'deployment,statefulset,cronjob,service,hpa,pdb';
const rolloutTimeout = '300s';
/** Routers hear of a route's end some seconds late: as long as the manifests' preStop. */
const routedMs = 5_000;

interface Workload {
  metadata: { name: string; labels: { serverType: string; version: string } };
  spec: { replicas: number };
  status: { readyReplicas?: number };
}

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string; labels: { serverType: string } };
  status: { conditions?: Array<{ type: string; status: string }> };
}

/** A cluster: that of the current kubectl context and its current name space, when nothing else is said. */
export class KubectlTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  readonly jobTypes: readonly string[];
  private readonly kubectl: Kubectl;
  private readonly routes: ClusterRoutes;
  private readonly jobs: ClusterJobs;

  constructor(
    private readonly template: Template,
    place: ClusterPlace = {},
  ) {
    this.serverTypes = template.serverTypes;
    this.jobTypes = template.jobTypes;
    this.kubectl = kubectlFor({ ...place, namespace: place.namespace ?? template.namespace });
    this.routes = new ClusterRoutes(template, this.kubectl);
    this.jobs = new ClusterJobs(template, this.kubectl);
  }

  async deploy(version: string, options: DeployOptions): Promise<void> {
    await assertServerVersion(this.kubectl);
    const rendered = renderVersion(this.template, { version, ...options });
    const manifests = toYaml(keepReplicas(rendered, await this.workloads(version)));
    // The cluster checks all of them before it takes the first.
    await this.kubectl(['apply', '--dry-run=server', '-f', '-'], manifests);
    await this.kubectl(['apply', '-f', '-'], manifests);
    await this.untilReady(version);
  }

  /** Until all servers of a version are ready. @throws Error */
  async untilReady(version: string): Promise<void> {
    const names = await this.kubectl([
      'get',
      'deployment,statefulset',
      ...this.labelled(version),
      '-o',
      'name',
    ]);
    for (const workload of names.trim().split('\n').filter(Boolean))
      await this.kubectl(['rollout', 'status', workload, '--timeout', rolloutTimeout]);
  }

  async remove(version: string): Promise<void> {
    if (await this.routes.removeRoutes(version))
      await new Promise((resolve) => setTimeout(resolve, routedMs));
    await this.kubectl(['delete', kinds, ...this.labelled(version), '--ignore-not-found', '--wait=false']);
    await this.kubectl([
      'wait',
      '--for=delete',
      'pod',
      ...this.labelled(version),
      '--timeout',
      rolloutTimeout,
    ]);
  }

  async readyPods(version: string): Promise<ReadyPod[]> {
    const printed = await this.kubectl(['get', 'pods', ...this.labelled(version), '-o', 'json']);
    const pods = (JSON.parse(printed) as { items: Pod[] }).items.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        this.serverTypes.includes(metadata.labels.serverType) &&
        status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    return pods.map(({ metadata: { name, uid } }) => ({ name, uid }));
  }

  async servers(): Promise<ServerCount[]> {
    return (await this.workloads()).map(({ metadata: { labels }, spec, status }) => ({
      serverType: labels.serverType,
      version: labels.version,
      wanted: spec.replicas,
      ready: status.readyReplicas ?? 0,
    }));
  }

  async follow(table: ReleaseTable): Promise<void> {
    await this.routes.followTable(table);
    await this.jobs.follow(table);
  }

  async routeProblems(table: ReleaseTable): Promise<string[]> {
    return [...(await this.routes.findProblems(table)), ...(await this.jobs.problems(table))];
  }

  routeLimits(table: ReleaseTable): Promise<string[]> {
    return Promise.resolve(this.routes.dialectLimits(table));
  }

  /** How many NATS servers keep each stream, as the manifests of NATS say; undefined where they are not in use. */
  async natsReplicas(): Promise<string | undefined> {
    const path = 'jsonpath={.data.replicas}';
    const found = await this.kubectl(['get', 'configmap', 'nats-servers', '--ignore-not-found', '-o', path]);
    return found.trim() || undefined;
  }

  /** Reads the workloads of one version, or of all. */
  private async workloads(version?: string): Promise<Workload[]> {
    const printed = await this.kubectl([
      'get',
      'deployment,statefulset',
      ...this.labelled(version),
      '-o',
      'json',
    ]);
    return (JSON.parse(printed) as { items: Workload[] }).items;
  }

  private labelled(version?: string): string[] {
    const ofVersion = version === undefined ? 'version' : `version=${version}`;
    return ['-l', `env=${this.template.env},serverType,${ofVersion}`];
  }
}

/** How many servers run is an autoscaler's or an operator's matter, once they do. */
function keepReplicas(manifests: Manifest[], running: Workload[]): Manifest[] {
  return manifests.map((manifest) => {
    const found = running.find(({ metadata }) => metadata.name === manifest.metadata.name);
    if (!found || manifest.spec?.replicas === undefined) return manifest;
    return { ...manifest, spec: { ...manifest.spec, replicas: found.spec.replicas } };
  });
}
