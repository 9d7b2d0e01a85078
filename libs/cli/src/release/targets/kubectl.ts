import { spawn } from 'node:child_process';

/** The cluster, and the name space in it; those of the current context when left out. */
export interface ClusterPlace {
  context?: string;
  namespace?: string;
}

/**
 * Runs kubectl and gives what it printed.
 *
 * @param alsoGood an exit code that is an answer and no failure
 * @throws Error with what kubectl said
 */
export type Kubectl = (args: string[], input?: string, alsoGood?: number) => Promise<string>;

export function kubectlFor({ context, namespace }: ClusterPlace): Kubectl {
  const place = [
    ...(context === undefined ? [] : ['--context', context]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
  return (args, input, alsoGood = 0) => run([...place, ...args], input, alsoGood);
}

function run(args: string[], input: string | undefined, alsoGood: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [printed, problem] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.on('error', () => reject(new Error('kubectl is not on PATH.')));
    child.on('close', (code) =>
      code === 0 || code === alsoGood ? resolve(printed) : reject(new Error(problem.trim())),
    );
    // One that ended at once reads nothing.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
