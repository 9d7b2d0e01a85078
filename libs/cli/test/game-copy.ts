import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A copy of this repository's files in which a command may write, with the packages that are installed here. */
export class GameCopy {
  readonly path = mkdtempSync(join(tmpdir(), 'ccgame-copy-'));

  constructor(private readonly root: string) {
    const files = this.git('ls-files', '--cached', '--others', '--exclude-standard').split('\n');
    for (const file of files.filter((name) => name !== '' && existsSync(join(root, name)))) {
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      cpSync(join(root, file), join(this.path, file));
    }
    this.linkPackages();
    this.linkPrograms();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Runs a command in the copy. @throws Error with what it printed */
  run(command: string, ...args: string[]): string {
    try {
      return execFileSync(command, args, { cwd: this.path, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Runs a program that is installed here. */
  runModule(path: string, ...args: string[]): string {
    return this.run(process.execPath, join(this.path, 'node_modules', path), ...args);
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8', maxBuffer: 1e8 });
  }

  /** The nats-server that was built here, where one was. */
  private linkPrograms(): void {
    const programs = join(this.root, '.ccgame', 'bin');
    if (!existsSync(programs)) return;
    mkdirSync(join(this.path, '.ccgame'));
    symlinkSync(programs, join(this.path, '.ccgame', 'bin'));
  }

  /** The workspaces' links lead into the copy. */
  private linkPackages(): void {
    const [from, to] = [join(this.root, 'node_modules'), join(this.path, 'node_modules')];
    mkdirSync(join(to, '@ccgame'), { recursive: true });
    for (const name of readdirSync(from))
      if (name !== '@ccgame') symlinkSync(join(from, name), join(to, name));
    for (const name of readdirSync(join(this.path, 'libs'))) {
      symlinkSync(join(this.path, 'libs', name), join(to, '@ccgame', name));
      const built = join(this.root, 'libs', name, 'dist');
      if (existsSync(built)) cpSync(built, join(this.path, 'libs', name, 'dist'), { recursive: true });
    }
  }
}
