import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findGameWords } from './game-words.js';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'libs'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(path));

describe('the libraries', () => {
  it('have no word of the game or of its examples', () => {
    const found = files.flatMap((path) => findGameWords({ path, text: readFileSync(path, 'utf8') }));
    expect(found).toEqual([]);
  });

  it.each([
    ['the name of an example in a name', 'src/a.ts', 'import { arenaPushes } from "x";', 'arena'],
    ['its class', 'src/a.ts', 'class TheArena {}', 'arena'],
    ['its folder', 'jest-preset.cjs', "'^#arena/(.*)': 'examples'", 'arena'],
    ['its name in a test', 'src/a.spec.ts', "kind: 'arena.arena_room'", 'arena'],
    ['a mode', 'src/a.ts', "if (mode === 'squads') return;", 'squads'],
    ['a map of a mode, in a comment', 'src/a.ts', '// harbour comes first', 'harbour'],
  ])('are found with %s', (_, file, text, word) => {
    expect(findGameWords({ path: `libs/x/${file}`, text })).toContain(`libs/x/${file}:1: ${word}`);
  });

  it.each(['prepareNats()', 'rankedScores', 'a squad of tanks'])(
    'may have what only looks like one: %s',
    (text) => {
      expect(findGameWords({ path: 'libs/x/src/a.ts', text })).toEqual([]);
    },
  );
});
