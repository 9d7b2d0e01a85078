import { spawn } from 'node:child_process';

/**
 * @param alsoGood an exit code that is an answer and no failure
 * @throws Error with what kubectl said
 */
export function kubectl(args: string[], input?: string, alsoGood = 0): Promise<string> {
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
