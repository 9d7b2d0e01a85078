import { spawn } from 'node:child_process';

/** The cluster, and the name space in it; those of the current context when left out. */
export interface ClusterPlace {
  context?: string;
  namespace?: string;
}

interface KubeConfig {
  'current-context'?: string;
  contexts?: Array<{ name: string; context: { cluster: string; namespace?: string } }> | null;
}

/** Kubectl ended with this sentence: the cluster refused, or did not answer. */
export class KubectlFailed extends Error {}

/** The `kubectl` command, held to one context: another one that becomes the current meanwhile is none of ours. */
export class Kubectl {
  private constructor(
    /** `cluster prod-eu (context prod, namespace game)` */
    readonly name: string,
    private readonly flags: string[],
  ) {}

  /** Inside of a cluster there is no context: kubectl uses the pod's own account then. @throws Error with what is wrong */
  static async at(place: ClusterPlace = {}): Promise<Kubectl> {
    const config = JSON.parse(await runKubectl(['config', 'view', '-o', 'json'])) as KubeConfig;
    const context = place.context ?? config['current-context'] ?? '';
    const found = config.contexts?.find(({ name }) => name === context);
    if (!found) {
      if (context !== '') throw new Error(`kubectl knows no context ${context}.`);
      const flags = place.namespace === undefined ? [] : ['--namespace', place.namespace];
      return new Kubectl(`the cluster of this pod${said(place.namespace)}`, flags);
    }
    const namespace = place.namespace ?? found.context.namespace ?? 'default';
    return new Kubectl(`cluster ${found.context.cluster} (context ${context}, namespace ${namespace})`, [
      '--context',
      context,
      '--namespace',
      namespace,
    ]);
  }

  /** Gives what kubectl printed. @throws KubectlFailed */
  run(args: string[], input?: string): Promise<string> {
    return runKubectl([...this.flags, ...args], input);
  }
}

function said(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` (namespace ${namespace})`;
}

/** Where no cluster answers, kubectl writes lines of its log before its sentence: `E1129 03:52:54.815132   23148 memcache.go:265] …` */
export function withoutLog(printed: string): string {
  const lines = printed.trim().split('\n');
  const said = lines.filter((line) => !/^[EWIF]\d{4} \S+ +\d+ \S+\.go:\d+\] /.test(line));
  return (said.length > 0 ? said : lines).join('\n');
}

function runKubectl(args: string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { env: process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [printed, problem] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (problem += chunk));
    child.on('error', () => reject(new Error('kubectl is not on PATH.')));
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new KubectlFailed(withoutLog(problem))),
    );
    // One that ended at once reads nothing.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
