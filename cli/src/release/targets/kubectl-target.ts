import type { ReleaseTable } from '#releases';
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
    const manifests = toYaml(renderVersion(this.folder, { version, ...options }));
    // The cluster checks all of them before it takes the first.
    await kubectl(['apply', '--dry-run=server', '-f', '-'], manifests);
    await kubectl(['apply', '-f', '-'], manifests);
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

  async routeProblems(table: ReleaseTable): Promise<string[]> {
    if ((await kubectl(['get', 'gateway', '-o', 'name'])).trim() === '') return [];
    const problems: string[] = [];
    for (const route of renderGatewayRoutes(this.folder, table)) {
      // `kubectl diff` prints what differs and exits with 1.
      const difference = await kubectl(['diff', '-f', '-'], toYaml([route]), 1);
      if (difference.trim() !== '')
        problems.push(`The HTTPRoute ${route.metadata.name} says something else than the table.`);
    }
    return problems;
  }
}

/**
 * @param alsoGood an exit code that is an answer and no failure
 * @throws Error with what kubectl said
 */
function kubectl(args: string[], input?: string, alsoGood = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [printed, problem] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.on('error', () => reject(new Error('kubectl is not on PATH.')));
    child.on('close', (code) =>
      code === 0 || code === alsoGood ? resolve(printed) : reject(new Error(problem.trim())),
    );
    child.stdin.end(input);
  });
}
