import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort, type NatsServer, startNats } from '@ccgame/testing';
import { type DevFile, findLauncher, type ServerInstance } from '@ccgame/cli';
import { openGameFolder } from './game-folder.js';

const readyWithinMs = 90_000;

export interface CommandResult {
  code: number | null;
  text: string;
}

/** The servers that `npm start` runs, on a free port and with a NATS of its own, and the `ccgame` command beside it. */
export class Backend {
  private constructor(
    readonly nats: NatsServer,
    private readonly folder: { path: string; remove(): void },
    private readonly launcher: ChildProcess,
    readonly dev: DevFile,
  ) {}

  static async start(root: string, version: string, servers = 'connector=1,arena=1'): Promise<Backend> {
    const nats = await startNats();
    const folder = openGameFolder(root);
    const args = ['--versions', version, '--servers', servers, '--port', String(await freePort())];
    const launcher = launch(root, folder.path, nats.address, args);
    let printed = '';
    launcher.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    launcher.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const deadline = Date.now() + readyWithinMs;
    for (;;) {
      const found = await findLauncher(folder.path);
      if (found.state === 'answers' && !found.dev.isStarting)
        return new Backend(nats, folder, launcher, found.dev);
      if (launcher.exitCode !== null || Date.now() > deadline) {
        launcher.kill('SIGKILL');
        await nats.destroy();
        throw new Error(`The backend did not start:\n${printed}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Where the command is typed. */
  get path(): string {
    return this.folder.path;
  }

  /** Runs `ccgame <args>` as a person would; `onLine` gets what it prints. */
  async ccgame(args: string[], onLine: (line: string) => void = () => {}): Promise<CommandResult> {
    const bin = join(this.folder.path, 'libs', 'cli', 'bin', 'ccgame.mjs');
    const child = spawn(process.execPath, [bin, ...args], { cwd: this.folder.path });
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      for (const line of chunk.toString().trimEnd().split('\n')) onLine(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, text };
  }

  /** A server that runs. @throws Error when there is none of the type and version */
  async serverOf(serverType: string, version: string): Promise<{ serverId: string; pid: number }> {
    const answer = await fetch(`${this.dev.controlUrl}/servers`);
    const servers = (await answer.json()) as Array<ServerInstance & { pid: number }>;
    const found = servers.find(
      (one) => one.serverType === serverType && one.version === version && one.state === 'running',
    );
    if (!found) throw new Error(`No ${serverType} of ${version} runs`);
    return found;
  }

  async stop(): Promise<void> {
    if (this.launcher.exitCode === null) {
      this.launcher.kill('SIGINT');
      await once(this.launcher, 'exit');
    }
    await this.nats.destroy();
    this.folder.remove();
  }
}

function launch(root: string, cwd: string, natsAddress: string, args: string[]): ChildProcess {
  const entry = JSON.stringify(join(root, 'libs', 'cli', 'dist', 'dev', 'main.js'));
  const code = `import(${entry}).then(({ main }) => main(${JSON.stringify(args)}))`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd,
    env: { ...process.env, NATS_ADDRESS: natsAddress },
    // A Ctrl-C in the terminal is for the demo, which stops the launcher itself.
    detached: true,
  });
}
