import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installPython } from './install-python.js';
import { runOrThrow } from './run-or-throw.js';

/** A client library of another hand, and the program that plays with it. */
export interface Library {
  name: string;
  /** Whether it speaks socket.io's connection state recovery: its pushes survive a break then. */
  recovers: boolean;
  /** It moves to another connector while its first socket goes on, so that it is not disconnected by a planned stop. */
  moves?: boolean;
  /** Makes it ready, under `.ccgame/`. Gives the command, to which the address is added. @throws Error that says what is missing */
  install(): string[];
}

const here = resolve('proof', 'clients');

export const libraries: Library[] = [
  {
    name: 'socket.io-client (JavaScript)',
    recovers: true,
    install: () => [process.execPath, resolve('dist', 'proof', 'clients', 'javascript-player.js')],
  },
  {
    /** From PyPI, MIT licence: https://github.com/miguelgrinberg/python-socketio */
    name: 'python-socketio 5.18.1',
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
