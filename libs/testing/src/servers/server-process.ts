import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { describeExit } from './describe-exit.js';
import { lastWords } from './last-words.js';
import { LogDenials } from './log-denials.js';

/** One server process, before it is started. */
export interface ServerProcessOptions {
  /** `connector-dev-v100000-0` */
  serverId: string;
  /** The compiled entry: `dist/servers/connector.js`. */
  entry: string;
  /** Its working directory; the launcher's when left out. */
  cwd?: string;
  /** All variables of the process; nothing is inherited but PATH and HOME. */
  env: Record<string, string>;
  /** Variables that `env` replaces, asked at each start. */
  inherited?: () => Record<string, string>;
  healthPort: number;
  /** Options of Node, before the entry. */
  nodeOptions?: readonly string[];
  /** Takes what the process prints. */
  logFile: string;
  /** Gives a process that runs already and becomes this server, instead of a new one; it prints to `logFile`. */
  adopt?: (start: ServerStart) => ChildProcess | undefined;
}

/** The things that make a server of a Node process. */
export type ServerStart = Pick<ServerProcessOptions, 'entry' | 'cwd' | 'env'>;

const probeTimeoutMs = 1000;

/** In the tests of this repository, whose jest.config.ts says it: the arguments of Node before a server of its bundles. */
const { ccgameRunner = [] } = globalThis as { ccgameRunner?: readonly string[] };
const bundles = ['servers', 'test-servers'].map((folder) => join(process.cwd(), 'dist', folder, sep));

/** Starts a process that ends with this one, and prints to a file. */
export function spawnServer({
  entry,
  cwd,
  env,
  logFile,
  nodeOptions = [],
}: Pick<ServerProcessOptions, 'logFile' | 'nodeOptions'> & ServerStart): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const runner = bundles.some((folder) => entry.startsWith(folder)) ? ccgameRunner : [];
  const child = spawn(process.execPath, ['--enable-source-maps', ...nodeOptions, ...runner, entry], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    // The IPC channel closes when the launcher dies by whatever cause, which stops the server (libs/server).
    stdio: ['ignore', log, log, 'ipc'],
    // A Ctrl-C in the terminal is for the launcher alone: it stops the servers in its order.
    detached: true,
  });
  closeSync(log);
  return child;
}

/** One app as a process of its own, with the labels it would have in a cluster. */
export class ServerProcess {
  private child?: ChildProcess;
  /** In the log of this start. */
  private denials?: LogDenials;
  /** The log's length at this start, bytes. */
  private logStart = 0;

  constructor(readonly options: ServerProcessOptions) {}

  get serverId(): string {
    return this.options.serverId;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts the process; `untilReady` tells when it can be used. */
  start(): void {
    const { entry, cwd, adopt, inherited, ...options } = this.options;
    const env = { ...inherited?.(), ...options.env };
    this.denials = new LogDenials(options.logFile);
    this.logStart = existsSync(options.logFile) ? statSync(options.logFile).size : 0;
    this.child = adopt?.({ entry, cwd, env }) ?? spawnServer({ ...options, entry, cwd, env });
  }

  /** Calls back when the process ends, unless it was stopped from here. */
  onCrash(listener: (how: string) => void): void {
    this.child?.once('exit', (code, signal) => {
      if (!this.stopping) listener(describeExit(code, signal));
    });
  }

  /**
   * @param onDenied is told at once, and once each, of what NATS does not permit to the process: as a rule it waits for that right
   * @throws Error that quotes the end of the log when the process ends, or isn't ready in time.
   */
  async untilReady(timeoutMs = 60_000, onDenied?: (subject: string) => void): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const told = new Set<string>();
    for (;;) {
      if (await this.isReady()) return;
      for (const subject of onDenied ? this.deniedSubjects() : []) {
        if (!told.has(subject)) onDenied?.(subject);
        told.add(subject);
      }
      if (!this.isRunning) throw new Error(`${this.serverId} ended while it started:\n${this.lastWords()}`);
      if (Date.now() > deadline)
        throw new Error(`${this.serverId} was not ready in ${timeoutMs} ms:\n${this.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /**
   * Resolves with the part of the log that fits, as soon as it is there.
   *
   * @throws Error that quotes the end of the log when the process ends before, or logs no such thing in time.
   */
  async untilLogged(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const hasEnded = !this.isRunning;
      const [found] = pattern.exec(readFileSync(this.options.logFile, 'utf8')) ?? [];
      if (found !== undefined) return found;
      if (hasEnded || Date.now() > deadline) {
        const how = hasEnded ? 'ended before' : `logged no such thing in ${timeoutMs} ms`;
        throw new Error(`${this.serverId} ${how}: ${pattern}\n${this.logTail()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async isReady(): Promise<boolean> {
    // A process that hangs takes connections and answers none.
    const signal = AbortSignal.timeout(probeTimeoutMs);
    try {
      const answer = await fetch(`http://127.0.0.1:${this.options.healthPort}/`, { signal });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Cuts the process off from its launcher, as the launcher's death would. */
  disconnect(): void {
    this.child?.disconnect();
  }

  /** Asks the process to stop and waits; after `timeoutMs` it is killed. Tells how it ended: `exit code 0`. */
  async stop(timeoutMs = 4000): Promise<string> {
    const child = this.child;
    if (!child || !this.isRunning) return 'not running';
    this.stopping = true;
    const gone = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.kill('SIGTERM');
    const ending = (await gone) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    this.stopping = false;
    return describeExit(...ending);
  }

  /** SIGKILL, as the kernel does it to a process that takes too much memory. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || !this.isRunning) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** The subjects that NATS did not permit to the process since its start: `publish to orders.new`. */
  deniedSubjects(): string[] {
    return this.denials?.findDenied() ?? [];
  }

  /** The part of this start's log that says best why it ended or isn't ready; empty where somebody deleted the log. */
  lastWords(): string {
    const { logFile } = this.options;
    return existsSync(logFile) ? lastWords(readFileSync(logFile).subarray(this.logStart).toString()) : '';
  }

  logTail(lines = 12): string {
    return readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  private stopping = false;
}
