import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine of tests may know nobody whom git takes for the author. */
const author = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
};

/** A game that `create-ccgame` wrote into an empty folder outside of this repository. */
export class NewGame {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ccgame-new-game-'));
  readonly path = join(this.folder, 'my-game');

  /** @param command what create-ccgame is started by, as a path */
  constructor(command: string, ...options: string[]) {
    const env = { ...process.env, ...author };
    this.run(process.execPath, [command, 'my-game', ...options], { cwd: this.folder, env });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command in the game. @throws Error with what it printed */
  run(command: string, args: string[], { cwd = this.path, env = process.env } = {}): string {
    try {
      return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e8 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
    }
  }
}
