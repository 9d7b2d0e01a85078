// Makes few files of each server's code and all that it imports: `dist/servers/<type>.js` and what it shares with others; and of
// the game that `npm start` plays, `dist/play-through.js`. Run in the game's folder, after the compiler. Decision 121 says why.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** These read files beside their own code: they stay in node_modules. */
const readsItsFolder = ['swagger-ui-dist', 'pino', 'thread-stream'];

/** Packages that stay in node_modules: a game adds those with native code and their like in its package.json. */
const { ccgame: { external = [] } = {} } = manifestOf('.');

const entries = readdirSync(join('dist', 'apps')).map((type) => ({
  in: `dist/apps/${type}/src/main.js`,
  out: `servers/${type}`,
}));
const playThrough = 'dist/game/src/play-through.js';
if (existsSync(playThrough)) entries.push({ in: playThrough, out: 'play-through' });
const { metafile } = await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'servers/shared/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // Nest and the log say the names of classes.
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  external: [...readsItsFolder, ...unusedPeers(), ...external],
  // CommonJS packages ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  plugins: [{ name: 'named-exports', setup: keepNamedExports }],
  metafile: true,
  logLevel: 'warning',
});
nameClassesAlone(Object.keys(metafile.outputs));
removeOthers('dist/servers', new Set(Object.keys(metafile.outputs)));

/**
 * esbuild's `keepNames` names each function anew whenever the code that makes it runs: closures too, some twenty a request, which
 * cost a tenth of a connector's work. Arrow functions, which have no prototype, go without.
 */
function nameClassesAlone(files) {
  const naming = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
  const quicker = naming.replace('=> __defProp(', '=> target.prototype === void 0 ? target : __defProp(');
  const [file, ...others] = files.filter(
    (path) => path.endsWith('.js') && readFileSync(path, 'utf8').includes(naming),
  );
  if (file === undefined || others.length > 0) throw new Error('esbuild names functions in another way');
  writeFileSync(file, readFileSync(file, 'utf8').replace(naming, quicker));
}

/** A CommonJS package that is imported later has all its names in Node, and would have `default` alone in a bundle. */
function keepNamedExports({ onResolve, onLoad, resolve: find }) {
  onResolve({ filter: /^[^./#]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
    if (kind !== 'dynamic-import' || pluginData === 'found') return undefined;
    const {
      path: file,
      external,
      errors,
    } = await find(path, { kind, importer, resolveDir, pluginData: 'found' });
    if (external || errors.length > 0 || !isCommonJs(file)) return undefined;
    return { path: file, namespace: 'named-exports' };
  });
  onLoad({ filter: /.*/, namespace: 'named-exports' }, async ({ path }) => {
    const names = Object.keys(await import(path)).filter((name) => name !== 'default');
    const lines = [
      `const whole = require(${JSON.stringify(path)});`,
      'export default whole;',
      `export const { ${names.filter((name) => /^[\w$]+$/.test(name)).join(', ')} } = whole;`,
    ];
    return { contents: lines.join('\n'), resolveDir: dirname(path) };
  });
}

function isCommonJs(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (file.endsWith('.mjs')) return false;
    if (file.endsWith('.cjs')) return true;
    if (existsSync(join(folder, 'package.json'))) return manifestOf(folder).type !== 'module';
  }
}

/**
 * Packages that Nest loads only where it is asked to, and nobody here names: brokers, template engines and the like. A game
 * names few packages itself, but those of ccgame name more: a second copy of such a one, outside of the bundle, has errors of its own
 * classes.
 */
function unusedPeers() {
  const used = new Set(['.', ...packagesOf('@ccgame')].flatMap(dependenciesOf));
  const optional = packagesOf('@nestjs').flatMap((folder) =>
    Object.keys(manifestOf(folder).peerDependenciesMeta ?? {}),
  );
  return optional.filter((name) => !used.has(name));
}

function packagesOf(scope) {
  const folder = join('node_modules', scope);
  return readdirSync(folder).map((name) => join(folder, name));
}

function dependenciesOf(folder) {
  const { dependencies, devDependencies, peerDependencies } = manifestOf(folder);
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Pieces of earlier builds. */
function removeOthers(folder, written) {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !written.has(path)) rmSync(path);
  }
}
