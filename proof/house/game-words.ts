import { readdirSync } from 'node:fs';
import { boards } from '#game/boards.js';
import { modes } from '#game/modes.js';
import type { Source } from './cited-paths.js';

/** The names of the examples, as in `arenaPushes` and `#arena/`: no file in libs/ has them. */
const exampleNames = readdirSync('examples');

/** Values that any game has, and that stand for themselves. */
const common = ['eu', 'us', 'asia', 'pc', 'console'];
const ofModes = modes.flatMap(({ name, attributes = {}, roles }) => [
  name,
  ...Object.keys(roles?.perTeam ?? {}),
  ...Object.values(attributes).flatMap((attribute) => (attribute.type === 'enum' ? attribute.values : [])),
]);
/** The modes, their roles and maps, and the boards. A test declares its own, by whatever name. */
const chosenNames = [...new Set([...ofModes, ...boards.map(({ name }) => name)])].filter(
  (name) => !common.includes(name) && !exampleNames.includes(name),
);

const isTest = /\.(?:spec|e2e|long)\.ts$|\/test\//;
/** Places that have a word of a game, with the reason. */
const exceptions: [path: RegExp, word: string, reason: string][] = [
  [/^libs\/cli\/test\//, 'arena', 'tests that start this repository with its game'],
  [/^libs\/entities\/test\/replay\.e2e\.ts$/, 'arena', 'replays a room with the build of this repository'],
  [
    /^libs\/server\/test\/storage-faults\.e2e\.ts$/,
    'arena',
    'runs every server type of this repository, and plays in a room',
  ],
  [/^libs\/create-ccgame\/test\/create-game\.long\.ts$/, 'arena', 'starts a created game with its example'],
  [/^libs\/testing\/src\/dependency-rules\.spec\.ts$/, 'arena', 'plants violations in an example'],
  [/^libs\/leaderboards\/src\//, 'ranked', 'a word of English: players with a rank'],
  [/^libs\/cli\/src\/dev\/summary\.ts$/, 'demo', '`demo:release` is a script of this repository'],
];

const startsName = '(?:\\b|_|(?<=[a-z])(?=[A-Z]))';
const exampleWord = new RegExp(`${startsName}(${exampleNames.map(anyCase).join('|')})(?![a-z])`, 'g');
const chosenWord = new RegExp(`\\b(${chosenNames.join('|')})\\b`, 'g');

/** The words of a game that a file has, as `<path>:<line>: <word>`. */
export function findGameWords({ path, text }: Source): string[] {
  const patterns = isTest.test(path) ? [exampleWord] : [exampleWord, chosenWord];
  const isAllowed = (word: string): boolean =>
    exceptions.some(([place, allowed]) => place.test(path) && allowed === word);
  return text.split('\n').flatMap((line, index) =>
    patterns
      .flatMap((pattern) => Array.from(line.matchAll(pattern), ([, word]) => word.toLowerCase()))
      .filter((word) => !isAllowed(word))
      .map((word) => `${path}:${index + 1}: ${word}`),
  );
}

/** `arena` → `[aA]rena` */
function anyCase(name: string): string {
  return `[${name[0]}${name[0].toUpperCase()}]${name.slice(1)}`;
}
