import type { ReleaseTable } from '#releases';
import { manifestTypes, renderVersion, toYaml } from '../render/manifests.js';
import { ClusterRoutes } from './cluster-routes.js';
import { kubectl } from './kubectl.js';
import type { DeployOptions, ReleaseTarget, ServerCount } from './target.js';

const kinds = 'deployment,statefulset,service,hpa,pdb';
const rolloutTimeout = '300s';
/** Routers hear of a route's end some seconds late: as long as the manifests' preStop. */
const routedMs = 5_000;

interface Workload {
  metadata: { labels: { serverType: string; version: string } };
  spec: { replicas: number };
  status: { readyReplicas?: number };
}

/** The cluster of the current kubectl context and its current name space. */
export class KubectlTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  private readonly routes: ClusterRoutes;

  /** @param folder the manifests of the one source version */
  constructor(private readonly folder: string) {
    this.serverTypes = manifestTypes(folder);
    this.routes = new ClusterRoutes(folder);
  }

  async deploy(version: string, options: DeployOptions): Promise<void> {
    const manifests = toYaml(renderVersion(this.folder, { version, ...options }));
    // The cluster checks all of them before it takes the first.
    await kubectl(['apply', '--dry-run=server', '-f', '-'], manifests);
    await kubectl(['apply', '-f', '-'], manifests);
    const workloads = await kubectl(['get', 'deployment,statefulset', ...labelled(version), '-o', 'name']);
    for (const workload of workloads.trim().split('\n').filter(Boolean)) {
      await kubectl(['rollout', 'status', workload, '--timeout', rolloutTimeout]);
    }
  }

  async remove(version: string): Promise<void> {
    if (await this.routes.remove(version)) await new Promise((resolve) => setTimeout(resolve, routedMs));
    await kubectl(['delete', kinds, ...labelled(version), '--ignore-not-found', '--wait=false']);
    await kubectl(['wait', '--for=delete', 'pod', ...labelled(version), '--timeout', rolloutTimeout]);
  }

  async servers(): Promise<ServerCount[]> {
    const { items } = JSON.parse(
      await kubectl(['get', 'deployment,statefulset', '-l', 'env=prod,version', '-o', 'json']),
    ) as { items: Workload[] };
    return items.map(({ metadata: { labels }, spec, status }) => ({
      serverType: labels.serverType,
      version: labels.version,
      wanted: spec.replicas,
      ready: status.readyReplicas ?? 0,
    }));
  }

  follow(table: ReleaseTable): Promise<void> {
    return this.routes.follow(table);
  }

  routeProblems(table: ReleaseTable): Promise<string[]> {
    return this.routes.problems(table);
  }

  routeLimits(table: ReleaseTable): Promise<string[]> {
    return this.routes.limits(table);
  }
}

const labelled = (version: string): string[] => ['-l', `env=prod,version=${version}`];
