import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endWithUs } from '../nats/end-with-us.js';
import { freePort } from '../servers/free-port.js';
import { findPostgres } from './find-postgres.js';

interface User {
  uid?: number;
  gid?: number;
}

/**
 * A PostgreSQL of the test's own, on a free port of 127.0.0.1 and with files in a new folder. It can be killed and started again.
 * Call `destroy()` in `afterAll`.
 */
export class PostgresServer {
  private child?: ChildProcess;

  private constructor(
    private readonly programs: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly user: User,
  ) {}

  /** @throws Error where PostgreSQL can't be had, or doesn't come up */
  static async start(): Promise<PostgresServer> {
    const programs = findPostgres();
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-postgres-'));
    const user = unprivilegedUser();
    if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
    const server = new PostgresServer(programs, folder, await freePort(), user);
    const given = [
      '-D',
      join(folder, 'data'),
      '-U',
      'ccgame',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-locale',
    ];
    await promisify(execFile)(join(programs, 'initdb'), [...given, '--no-sync'], { ...user, cwd: folder });
    await server.start();
    return server;
  }

  get connectionString(): string {
    return `postgres://ccgame@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts it again on the same port with the same files; resolves when it takes connections. */
  async start(): Promise<void> {
    const { folder, port, user, programs } = this;
    const log = openSync(join(folder, 'log'), 'a');
    const given = ['-D', join(folder, 'data'), '-p', String(port), '-k', folder, '-h', '127.0.0.1'];
    this.child = spawn(join(programs, 'postgres'), given, {
      ...user,
      cwd: folder,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child.on('error', () => {});
    if (this.child.pid !== undefined) endWithUs(this.child);
    await this.untilReady();
  }

  /** `SIGQUIT` ends it in the middle of everything, as a crash does: what was committed is read from its log at the next start. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' = 'SIGQUIT'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async destroy(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const endsAt = Date.now() + 30_000;
    const given = ['-h', '127.0.0.1', '-p', String(this.port), '-q'];
    const isReady = (): Promise<boolean> =>
      promisify(execFile)(join(this.programs, 'pg_isready'), given).then(
        () => true,
        () => false,
      );
    while (!(await isReady())) {
      if (this.child?.exitCode !== null || Date.now() > endsAt) {
        const log = readFileSync(join(this.folder, 'log'), 'utf8').trim().split('\n').slice(-3).join('\n');
        throw new Error(`PostgreSQL did not come up on port ${this.port}:\n${log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): User {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string): number =>
    Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
