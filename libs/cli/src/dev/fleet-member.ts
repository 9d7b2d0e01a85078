import type { StartedServer } from '@ccgame/testing';
import type { VersionBuild } from '../versions/version-build.js';
import { denialProblem } from './denial-problem.js';
import { restartPauseMs } from './restart-pause.js';

const drainMs = 30_000;

/** The launcher's report of one of its servers, for the release command. */
export interface MemberReport {
  serverId: string;
  serverType: string;
  version: string;
  /** The id of its process; undefined before the first one. */
  pid?: number;
  /** Port of 127.0.0.1 for its readiness and metrics. */
  healthPort: number;
  /** The folder of the build that it runs. */
  folder: string;
  state: 'absent' | 'starting' | 'running' | 'leaving';
  isReady: boolean;
  stopMs: number;
  /** How it ended last, while it has not been ready again since. */
  crash?: string;
  /** The rights that its NATS user lacks, while it isn't ready: `publish to orders.new`. */
  denied: string[];
  /** The part of its log that says best why it died, or isn't ready. */
  lastWords: string;
}

/** One server of the fleet, started again when it dies. */
export class FleetMember {
  isLeaving = false;
  /** It takes the place of another one when it is ready, and serves nobody before. */
  isIncoming = false;
  /** Since it was ready last. */
  private crashes = 0;
  private lastCrash?: string;
  /** The log's part about that crash: the log of the start after it may be empty yet. */
  private crashWords?: string;
  private wasReady = false;
  private timer?: NodeJS.Timeout;

  constructor(
    readonly server: StartedServer,
    readonly build: VersionBuild,
    private readonly onEvent: (line: string) => void,
    /** Opened for a debugger when it is ready, unless another one has it still. */
    readonly inspectPort?: number,
  ) {}

  /** @throws Error that quotes the end of the log when it ends, or isn't ready in time */
  async untilReady(): Promise<void> {
    const { serverId, process } = this.server;
    await process.untilReady(undefined, (subject) =>
      this.onEvent(`! ${serverId}: ${denialProblem(subject)}`),
    );
    this.markReady();
    if (!this.isIncoming) this.openInspector();
  }

  /** Node listens for a debugger at this signal. */
  openInspector(): void {
    if (this.inspectPort === undefined || this.isLeaving) return;
    this.server.process.signal('SIGUSR1');
    this.onEvent(`• a debugger of ${this.server.serverId} may attach to 127.0.0.1:${this.inspectPort}`);
  }

  /** To be called at each start of its process. */
  watch(): void {
    this.server.process.onCrash((how) => {
      this.wasReady = false;
      this.lastCrash = how;
      this.crashWords = this.server.process.lastWords();
      if (this.isLeaving) return;
      this.onEvent(`! ${this.server.serverId} died (${how}); it is started again`);
      this.timer = setTimeout(() => this.restart(), restartPauseMs(this.crashes));
      this.crashes += 1;
    });
  }

  /** Tells it to stop; it drains first. After `timeoutMs` it is killed. */
  stop(timeoutMs = drainMs): Promise<string> {
    this.isLeaving = true;
    clearTimeout(this.timer);
    return this.server.process.stop(timeoutMs);
  }

  async report(): Promise<MemberReport> {
    const { serverId, serverType, version, healthPort, process } = this.server;
    const isReady = await process.isReady();
    if (isReady) this.markReady();
    return {
      serverId,
      serverType,
      version,
      pid: process.pid,
      healthPort,
      folder: this.build.folder,
      state: this.state(),
      isReady: isReady && !this.isLeaving,
      stopMs: drainMs,
      crash: this.lastCrash,
      denied: isReady ? [] : process.deniedSubjects(),
      lastWords: this.crashWords ?? process.lastWords(),
    };
  }

  private state(): MemberReport['state'] {
    if (!this.server.process.isRunning) return 'absent';
    if (this.isLeaving) return 'leaving';
    return this.wasReady ? 'running' : 'starting';
  }

  private markReady(): void {
    this.wasReady = true;
    this.crashes = 0;
    this.lastCrash = undefined;
    this.crashWords = undefined;
  }

  private restart(): void {
    if (this.isLeaving) return;
    const { serverId, process } = this.server;
    process.start();
    this.watch();
    this.untilReady().then(
      () => this.onEvent(`✓ ${serverId} is back  pid ${process.pid}`),
      // It died again: its own exit handler goes on with it.
      () => this.onEvent(`! ${serverId} did not come back yet; see ${process.options.logFile}`),
    );
  }
}
