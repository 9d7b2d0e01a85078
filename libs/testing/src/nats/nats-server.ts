import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeExit } from '../servers/describe-exit.js';
import { freePort } from '../servers/free-port.js';
import { endWithUs } from './end-with-us.js';
import { NatsProblem } from './nats-problem.js';
import { probeNats } from './probe.js';

/** How a nats-server process is started. */
export interface NatsServerOptions {
  /** The nats-server binary. */
  binary: string;
  /** Holds configuration, log and JetStream's files. */
  folder: string;
  /** A free one when left out. */
  port?: number;
  cluster?: ClusterPlace;
  /** Instead of a plain configuration. Files that it includes belong into the folder. */
  configuration?: (port: number, folder: string) => string;
  /** Variables over those of this process. */
  env?: Record<string, string>;
}

/** A server's place in a cluster on 127.0.0.1. */
export interface ClusterPlace {
  /** Unique in the cluster; JetStream places streams by it. */
  serverName: string;
  port: number;
  /** The cluster ports of all servers. */
  routes: readonly number[];
}

/**
 * One nats-server process with JetStream on 127.0.0.1, which can be killed, paused and started again. It doesn't outlive
 * the process that started it.
 */
export class NatsServer {
  private child?: ChildProcess;
  private isStopping = false;

  private constructor(
    private readonly options: NatsServerOptions,
    readonly port: number,
  ) {}

  /** @throws NatsProblem when the server does not come up; it quotes the server's log. */
  static async start(options: NatsServerOptions): Promise<NatsServer> {
    const server = new NatsServer(options, options.port ?? (await freePort()));
    await server.start();
    return server;
  }

  get address(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Holds the server's files; a place for the test's own, as it is deleted by `destroy`. */
  get folder(): string {
    return this.options.folder;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process again on the same port with the same files. */
  async start(): Promise<void> {
    const { binary, folder, configuration, env } = this.options;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'nats.conf');
    writeFileSync(file, configuration?.(this.port, folder) ?? plainConfiguration(this.port, this.options));
    const log = openSync(join(folder, 'nats.log'), 'a');
    this.isStopping = false;
    // Its own process group: a Ctrl-C in the terminal must reach the apps first, and NATS last.
    const options = { env: { ...process.env, ...env }, detached: true };
    this.child = spawn(binary, ['-c', file], { stdio: ['ignore', log, log], ...options });
    closeSync(log);
    this.child.on('error', () => {});
    if (this.child.pid !== undefined) endWithUs(this.child);
    await this.untilReady();
  }

  /** SIGTERM, or another signal; resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    this.isStopping = true;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  /** Tells how the process that runs now ended, if nobody stops it. To be called at each start of it. */
  onCrash(listener: (how: string) => void): void {
    this.child?.once('exit', (code, signal) => {
      if (!this.isStopping) listener(describeExit(code, signal));
    });
  }

  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** Kills it and starts it again without its streams, as a pod whose volume is gone. */
  async restartEmpty(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(join(this.options.folder, 'jetstream'), { recursive: true, force: true });
    await this.start();
  }

  /** Returns when no thread of it runs any more. */
  pause(): void {
    this.child?.kill('SIGSTOP');
    const end = performance.now() + 1_000;
    while (this.pid !== undefined && hasRunningThread(this.pid) && performance.now() < end);
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** Stops the process and deletes its files. */
  async destroy(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.options.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const greeting = await probeNats('127.0.0.1', this.port, 1000).catch(() => undefined);
      if (greeting?.jetstream) return;
      if (this.child?.exitCode !== null || Date.now() > deadline) {
        const log = readFileSync(join(this.options.folder, 'nats.log'), 'utf8')
          .trim()
          .split('\n')
          .slice(-3)
          .join('\n');
        throw new NatsProblem(`nats-server did not come up on port ${this.port}:\n${log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function plainConfiguration(port: number, { folder, cluster }: NatsServerOptions): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    // By itself it is three quarters of the disk's free space, and what streams may take is reserved of it.
    `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))}, max_file_store: 16G }`,
    // A peer that hangs is known within 7 s (decision 401); with the defaults it blocks for minutes.
    'ping_interval: "1s"',
    'ping_max: 5',
    ...(cluster ? clusterLines(cluster) : []),
    '',
  ].join('\n');
}

function clusterLines({ serverName, port, routes }: ClusterPlace): string[] {
  const urls = routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ');
  return [
    `server_name: ${serverName}`,
    `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${urls}] }`,
  ];
}

/** By the state that Linux tells; where there is no /proc, false. */
function hasRunningThread(pid: number): boolean {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((thread) => {
    // A thread that has just ended has no file any more.
    const file = join(folder, thread, 'stat');
    return existsSync(file) && !/\) [TtZX]/.test(readFileSync(file, 'utf8'));
  });
}
