import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { compileJava } from './compile-java.js';
import { installRuntime } from './install-runtime.js';
import { installPython } from './install-python.js';
import { runOrThrow } from './run-or-throw.js';

/** A client library of another hand, and the program that plays with it. */
export interface Library {
  name: string;
  /** Whether it speaks socket.io's connection state recovery: its pushes survive a break then. */
  recovers: boolean;
  /** It moves to another connector while its first socket goes on, so that it is not disconnected by a planned stop. */
  moves?: boolean;
  /** It was written elsewhere: the test suite plays with it, where this machine has what it needs. */
  isForeign?: boolean;
  /** Makes it ready, under `.ccgame/`. Gives the command, to which the address is added. @throws Error that says what is missing */
  install(): string[];
}

const here = resolve('proof', 'clients');
const sdkPlayer = resolve('dist', 'proof', 'clients', 'sdk-player.js');
const ofSdk = { recovers: true, moves: true };

export const libraries: Library[] = [
  { ...ofSdk, name: 'the SDK on Node', install: () => [process.execPath, sdkPlayer] },
  {
    /** From npm, MIT licence: https://github.com/oven-sh/bun */
    ...ofSdk,
    name: 'the SDK on Bun 1.4.5',
    install: () => [installRuntime('bun', '1.4.5'), sdkPlayer],
  },
  {
    /** From npm, MIT licence: https://github.com/denoland/deno */
    ...ofSdk,
    name: 'the SDK on Deno 2.9.6',
    install: () => [installRuntime('deno', '2.9.6'), 'run', '--allow-all', '--quiet', sdkPlayer],
  },
  {
    name: 'socket.io-client (JavaScript)',
    isForeign: true,
    recovers: true,
    install: () => [process.execPath, resolve('dist', 'proof', 'clients', 'javascript-player.js')],
  },
  {
    /** From PyPI, MIT licence: https://github.com/miguelgrinberg/python-socketio */
    name: 'python-socketio 5.18.1',
    isForeign: true,
    recovers: false,
    install: () => [
      installPython(join(here, 'python', 'requirements.txt')),
      join(here, 'python', 'player.py'),
    ],
  },
  {
    name: 'clients/python (of this repository)',
    recovers: true,
    moves: true,
    install: () => [
      installPython(resolve('clients', 'python', 'requirements.txt')),
      join(here, 'python', 'session_player.py'),
    ],
  },
  {
    name: 'socket.io-client-java 2.1.2',
    isForeign: true,
    recovers: false,
    install: () => {
      runOrThrow('java', ['-version']);
      const jars = resolve('.ccgame', 'socket.io-client-java');
      const isDone = join(jars, 'installed');
      if (!existsSync(isDone)) {
        const pom = join(here, 'java', 'pom.xml');
        runOrThrow('mvn', ['-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
        writeFileSync(isDone, '');
      }
      const classes = compileJava(join(here, 'java', 'Player.java'), jars);
      return ['java', '-cp', [join(jars, '*'), classes].join(delimiter), 'Player'];
    },
  },
];
