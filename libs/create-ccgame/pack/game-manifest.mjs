// The package.json of a created game, of this repository's: the same versions of the same packages, without those that only
// libraries, proofs and benchmarks need.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Loaded by name: by Node's and Jest's configuration, by the command, or by the image's build. */
const tools = [
  '@ccgame/cli',
  '@ccgame/client',
  '@ccgame/testing',
  '@swc/core',
  '@swc/jest',
  '@types/jest',
  '@types/node',
  '@vercel/nft',
  'esbuild',
  'jest',
  'marked',
  'prettier',
  // Its plain name is for a version that Nest's packages bear.
  'typescript-native',
];
/** The condition under which this repository's packages and games are read from their sources; a game has one of its own. */
const here = '@ccgame/source';
const copiedScripts = /^(start:|matching:simulate$)/;

/** @param folder the game as it is written so far */
export function gameManifest(root, folder) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { version, engines, imports, scripts, dependencies, devDependencies, overrides } = manifest;
  const known = { ...devDependencies, ...dependencies };
  const sources = Object.values(imports).map((targets) => targets[here].replace('/*.ts', ''));
  const run = importedBy(['apps', ...sources].map((path) => join(folder, path)));
  const needed = [...run].filter((name) => dependencies[name] === undefined);
  const ownOverrides = { ...overrides };
  delete ownOverrides.moleculer;
  return {
    name: 'my-game',
    version: '0.0.1',
    private: true,
    type: 'module',
    engines,
    imports: Object.fromEntries(
      Object.entries(imports).map(([name, { [here]: source, ...others }]) => [
        name,
        { '@game/source': source, ...others },
      ]),
    ),
    scripts: {
      start: 'ccgame start',
      dev: 'ccgame dev',
      test: 'ccgame test',
      build: 'ccgame build',
      types: scripts.types,
      format: 'prettier --check .',
      ...Object.fromEntries(Object.entries(scripts).filter(([name]) => copiedScripts.test(name))),
    },
    dependencies: sorted({ ...dependencies, ...pick(known, needed) }),
    devDependencies: sorted(pick(known, tools)),
    overrides: ownOverrides,
    ccgame: { createdBy: version, servers: { connector: 2 } },
  };
}

function pick(known, names) {
  const missing = names.find((name) => known[name] === undefined);
  if (missing)
    throw new Error(`The game imports ${missing}, which the repository's package.json doesn't name.`);
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/** The packages that the sources in these folders import. */
function importedBy(folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/\.(spec|e2e)\.ts$/.test(name))
      .map((name) => join(folder, name)),
  );
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^'.#][^']*)'/g)].map(([, name]) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  );
  return new Set(names.filter((name) => !name.startsWith('node:')));
}

function sorted(ranges) {
  return Object.fromEntries(Object.entries(ranges).sort(([a], [b]) => (a < b ? -1 : 1)));
}
