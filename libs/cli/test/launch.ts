import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ChildOutput } from '@ccgame/testing';

/** How a launcher is started. */
export interface LaunchOptions {
  command?: 'start' | 'dev';
  /** The game's folder. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** `npm start` or `npm run dev` without the part that installs and compiles, which the tests' own run has done. */
export function launch(args: string[], { command = 'start', cwd, env }: LaunchOptions = {}): Launch {
  const main = JSON.stringify(join(process.cwd(), 'libs/cli/dist/dev/main.js'));
  const code = `import(${main}).then(({ main }) => main(${JSON.stringify(args)}, '${command}'))`;
  const options = { cwd, env: { ...process.env, NATS_ADDRESS: '', ...env } };
  return new Launch(spawn(process.execPath, ['--input-type=module', '-e', code], options));
}

/** A command that runs beside the test, and everything that it printed. */
export class Launch extends ChildOutput {
  /** As Ctrl-C does; resolves when it is gone. */
  async interrupt(): Promise<void> {
    this.child.kill('SIGINT');
    await this.ended;
  }
}
