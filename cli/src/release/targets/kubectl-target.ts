import type { ReleaseTable } from '#releases';
import { versionName } from '#releases';
import { spawn } from 'node:child_process';
import { renderVersion, toYaml } from '../render/manifests.js';
import { renderGatewayRoutes } from '../render/gateway-routes.js';
import type { DeployOptions, ReleaseTarget } from './target.js';

const kinds = 'deployment,statefulset,service,hpa,pdb,httproute';
const rolloutTimeout = '300s';

/** The cluster of the current kubectl context and its current name space. */
export class KubectlTarget implements ReleaseTarget {
  /** @param folder the manifests of the one source version */
  constructor(private readonly folder: string) {}

  async deploy(version: string, options: DeployOptions): Promise<void> {
    await kubectl(['apply', '-f', '-'], await this.preview(version, options));
    const workloads = await kubectl([
      'get',
      'deployment,statefulset',
      '-l',
      `env=prod,version=${version}`,
      '-o',
      'name',
    ]);
    for (const workload of workloads.trim().split('\n').filter(Boolean)) {
      await kubectl(['rollout', 'status', workload, '--timeout', rolloutTimeout]);
    }
  }

  async preview(version: string, { image, only }: DeployOptions): Promise<string> {
    return toYaml(renderVersion(this.folder, { version, image, only }));
  }

  async remove(version: string): Promise<void> {
    await kubectl([
      'delete',
      kinds,
      '-l',
      `env=prod,version=${version}`,
      '--ignore-not-found',
      '--wait=false',
    ]);
    await kubectl([
      'wait',
      '--for=delete',
      'pod',
      '-l',
      `env=prod,version=${version}`,
      '--timeout',
      rolloutTimeout,
    ]);
  }

  async follow(table: ReleaseTable): Promise<void> {
    if ((await kubectl(['get', 'gateway', '-o', 'name'])).trim() === '') return;
    await kubectl(['apply', '-f', '-'], toYaml(renderGatewayRoutes(this.folder, table)));
  }
}

/** @throws Error with what kubectl said */
function kubectl(args: string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [printed, problem] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.on('error', () => reject(new Error('kubectl is not on PATH.')));
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(problem.trim()))));
    child.stdin.end(input);
  });
}

/** The name of a type's workload: `connector-prod-v100000`. */
export const workloadName = (serverType: string, version: string): string =>
  `${serverType}-prod-${versionName(version)}`;
