import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A client library of another hand, and the program that plays with it. */
export interface Library {
  name: string;
  /** Whether it speaks socket.io's connection state recovery: its pushes survive a break then. */
  recovers: boolean;
  /** Makes it ready, under `.ccgame/`. Gives the command, to which the address is added. @throws Error that says what is missing */
  install(): string[];
}

const here = resolve('proof', 'clients');
const pythonVersion = '5.18.1';

export const libraries: Library[] = [
  {
    name: 'socket.io-client (JavaScript)',
    recovers: true,
    install: () => [process.execPath, resolve('dist', 'proof', 'clients', 'javascript-player.js')],
  },
  {
    /** From PyPI, MIT licence: https://github.com/miguelgrinberg/python-socketio */
    name: `python-socketio ${pythonVersion}`,
    recovers: false,
    install: () => {
      const folder = resolve('.ccgame', `python-socketio-${pythonVersion}`);
      const python = join(folder, 'bin', 'python');
      if (!existsSync(join(folder, 'installed'))) {
        runOrThrow('python3', ['-m', 'venv', folder]);
        const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
        runOrThrow(python, [...pip, `python-socketio[client]==${pythonVersion}`]);
        runOrThrow(python, ['-c', `open(${JSON.stringify(join(folder, 'installed'))}, "w")`]);
      }
      return [python, join(here, 'python', 'player.py')];
    },
  },
  {
    name: 'socket.io-client-java 2.1.2',
    recovers: false,
    install: () => {
      const jars = resolve('.ccgame', 'socket.io-client-java');
      if (!existsSync(jars)) {
        const pom = join(here, 'java', 'pom.xml');
        runOrThrow('mvn', ['-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
      }
      return ['java', '-cp', join(jars, '*'), join(here, 'java', 'Player.java')];
    },
  },
];

function runOrThrow(command: string, args: string[]): void {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 });
  if (error) throw new Error(`${command} can't be run here (${error.message})`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
