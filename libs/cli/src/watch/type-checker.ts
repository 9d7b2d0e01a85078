import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The outcome of one compilation. */
export interface TypeCheck {
  /** As the compiler prints them; empty when all is right. */
  errors: string;
  count: number;
}

/** Checks the types of the whole game, one check at a time: a newer one ends that which still runs. */
export class TypeChecker {
  private running?: ChildProcess;

  constructor(private readonly root: string) {}

  /** Undefined when another one began, or the checker was stopped. */
  async check(): Promise<TypeCheck | undefined> {
    void this.stop();
    const project = existsSync(join(this.root, 'tsconfig.tools.json'))
      ? 'tsconfig.tools.json'
      : 'tsconfig.build.json';
    const { resolve } = createRequire(join(this.root, 'package.json'));
    const compiler = join(dirname(resolve('typescript-native/package.json')), 'bin', 'tsc');
    const pretty = process.stdout.isTTY ? 'true' : 'false';
    const child = spawn(process.execPath, [compiler, '-b', project, '--pretty', pretty], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: before Node 22.15 the compiler is a child of this child, and has to end with it.
      detached: true,
    });
    this.running = child;
    let errors = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    await once(child, 'close');
    if (this.running !== child) return undefined;
    this.running = undefined;
    const isRight = child.exitCode === 0;
    return {
      errors: isRight ? '' : errors.trim(),
      count: isRight ? 0 : errors.split(/error TS\d+/).length - 1,
    };
  }

  /** Resolves when the compiler is gone, and so writes nothing more. */
  async stop(): Promise<void> {
    const child = this.running;
    this.running = undefined;
    if (child?.pid === undefined) return;
    const closed = once(child, 'close');
    try {
      // The compiler may take SIGTERM as a wish, and go on for as long as it reads.
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Windows knows no groups.
      child.kill('SIGKILL');
    }
    await closed;
  }
}
