import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { calmTime } from '@ccgame/testing';

const entry = join(process.cwd(), 'dist', 'test-servers', 'bench', 'rpc', 'victim.js');

/** `bench/rpc/victim.ts` as a process: a server with the handlers `who` and `slow` that may be killed. */
export class VictimServer {
  private constructor(
    readonly serverId: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(serverId: string, natsAddress: string, stopTimeoutMs = 20_000): Promise<VictimServer> {
    if (!existsSync(entry)) {
      throw new Error(`Run "npm run build" first: this test needs ${entry}`);
    }
    const child = fork(entry, [serverId, natsAddress, String(stopTimeoutMs)], { execArgv: [] });
    await Promise.race([once(child, 'message'), once(child, 'exit').then(failAtTheStart)]);
    return new VictimServer(serverId, child);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends the signal and waits for the end. Gives the time that took, ms of a machine that isn't busy. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return 0;
    }
    const calmMs = calmTime();
    const gone = once(this.child, 'exit');
    this.child.kill('SIGCONT');
    this.child.kill(signal);
    await gone;
    return calmMs();
  }
}

/** The server's own output is among that of the test. */
function failAtTheStart([code, signal]: unknown[]): never {
  throw new Error(`The server that is to be killed ended while it started: ${String(signal ?? code)}`);
}
