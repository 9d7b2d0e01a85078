import { type Library, libraries } from './libraries.js';
import { type Contender, play } from './play.js';

/** The words of a machine without a language, a network, or what a mirror has. A library that is kept from being installed by anything else is a fault. */
const isLacking = new RegExp(
  [
    "can't be run here|No module named (pip|venv)|no such option: --python|No plugin found for prefix",
    'name resolution|Unknown host|resolve host|unreachable|Connection (refused|reset)|timed out|NewConnectionError|SSL|certificate',
    'Could not (transfer|find|resolve)|Cannot access|No matching distribution|Forbidden|status code',
  ].join('|'),
  'i',
);

/** Before the tests are named, as their names say who plays. */
const tried = libraries.filter(({ isForeign }) => isForeign).map(tryToInstall);
const contenders = tried.filter((one): one is Contender => 'command' in one);
const absent = tried.filter((one): one is Absent => 'reason' in one);

interface Absent {
  library: Library;
  reason: string;
}

function tryToInstall(library: Library): Contender | Absent {
  try {
    return { library, command: library.install() };
  } catch (error) {
    return { library, reason: (error as Error).message };
  }
}

describe('socket.io clients that nobody here wrote', () => {
  const names = contenders.map(({ library }) => library.name).join(', ');

  it(`play through login, match, kill, planned stop and release: ${names}`, async () => {
    const told: string[] = [];
    await play(contenders, (line) => told.push(line));
    expect(told).toHaveLength(6);
  }, 180_000);

  for (const { library, reason } of absent) {
    it(`did not play, as this machine can’t have it: ${library.name}`, () => {
      expect(reason).toMatch(isLacking);
    });
  }
});
