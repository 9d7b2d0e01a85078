// How the servers' code is bundled, by the build and by the watcher of `npm run dev`. Decision 121 says why.
import { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** These read files beside their own code: they stay in node_modules. */
const readsItsFolder = ['swagger-ui-dist', 'pino', 'thread-stream'];

/**
 * Options of esbuild: `dist/servers/<type>.js` of each app and what they share, and `dist/play-through.js` of the game that `npm start`
 * plays, where it has one. The game's folder is the working directory.
 *
 * @param {'dist' | ''} from the folder with `apps/` and `game/` to bundle: what is compiled, or the sources
 */
export function bundleOptions(from) {
  // A game adds packages with native code and their like in its package.json.
  const { ccgame: { external = [] } = {} } = manifestOf('.');
  return {
    entryPoints: [...entriesOf(from), ...watchdogEntry('servers/shared', from)],
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
    // A server reads what it loads at each start, and Node reads the maps too.
    minifyWhitespace: true,
    external: [...readsItsFolder, ...unusedPeers(), ...external],
    // CommonJS packages ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    plugins: [
      ...(from === 'dist' ? [{ name: 'es-modules', setup: takeEsModules }] : []),
      { name: 'named-exports', setup: keepNamedExports },
      { name: 'no-maps-of-packages', setup: leaveOutMapsOfPackages },
    ],
    metafile: true,
    logLevel: 'warning',
  };
}

const naming = 'var __name=(target,value)=>__defProp(target,"name",{value,configurable:true});';
const quicker = naming.replace('=>__defProp(', '=>target.prototype===void 0?target:__defProp(');

/**
 * esbuild's `keepNames` names each function anew whenever the code that makes it runs: closures too, some twenty a request, which
 * cost a tenth of a connector's work. Arrow functions, which have no prototype, go without.
 *
 * @param {string} code of one file of a bundle
 * @returns {string | undefined} undefined where the file doesn't have the function that names
 */
export function nameClassesAlone(code) {
  return code.includes(naming) ? code.replace(naming, quicker) : undefined;
}

/** The same for a bundle that was written. @throws Error when not just one of its files has the function */
export function nameClassesAloneIn(files) {
  const changed = files.flatMap((file) => {
    const code = file.endsWith('.js') ? nameClassesAlone(readFileSync(file, 'utf8')) : undefined;
    return code === undefined ? [] : [{ file, code }];
  });
  if (changed.length !== 1) throw new Error('esbuild names functions in another way');
  writeFileSync(changed[0].file, changed[0].code);
}

/**
 * Bundles servers that only tests start: files that package.json names under `ccgame.testServers`, without their ending, as
 * `dist/test-servers/<file>`. They have pieces of their own, so that the servers of the image have the same with and without them.
 */
export function testServerOptions() {
  const { ccgame: { testServers = [] } = {} } = manifestOf('.');
  const entryPoints = testServers.map((path) => ({
    in: join('dist', `${path}.js`),
    out: join('test-servers', path),
  }));
  return {
    ...bundleOptions('dist'),
    entryPoints: [
      ...entryPoints.filter((entry) => existsSync(entry.in)),
      ...(entryPoints.length > 0 ? watchdogEntry('test-servers/shared') : []),
    ],
    chunkNames: 'test-servers/shared/[name]-[hash]',
  };
}

/** The apps with a file to bundle, and the game that is played. */
function entriesOf(from) {
  const fileOf = (path) => join(from, from === '' ? `${path}.ts` : `${path}.js`);
  const servers = readdirSync(join(from, 'apps')).map((type) => ({
    in: fileOf(`apps/${type}/src/main`),
    out: `servers/${type}`,
  }));
  const playThrough = { in: fileOf('game/src/play-through'), out: 'play-through' };
  return [...servers, playThrough].filter((entry) => existsSync(entry.in));
}

/**
 * The code of the thread that each server starts (libs/server), beside the pieces that servers share.
 *
 * @param {string} folder of the bundle
 * @param {'dist' | ''} from see {@link bundleOptions}; an installed package has no sources
 */
export function watchdogEntry(folder, from = 'dist') {
  const path = (part, ending) =>
    join('node_modules', '@ccgame', 'server', part, 'watchdog', `watchdog.worker.${ending}`);
  const files = [...(from === '' ? [path('src', 'ts')] : []), path('dist', 'js')];
  const file = files.find((one) => existsSync(one));
  return file ? [{ in: file, out: `${folder}/watchdog.worker` }] : [];
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
    const names = (await namesOf(path)).filter((name) => name !== 'default');
    const lines = [
      `const whole = require(${JSON.stringify(path)});`,
      'export default whole;',
      `export const { ${names.filter((name) => /^[\w$]+$/.test(name)).join(', ')} } = whole;`,
    ];
    return { contents: lines.join('\n'), resolveDir: dirname(path) };
  });
}

/** The folders of a package's CommonJS, and of its ES modules, of which a bundle takes the used ones alone. */
const folders = {
  rxjs: ['/dist/cjs/', '/dist/esm/'],
  'class-validator': ['/cjs/', '/esm2015/'],
};

/**
 * Node takes CommonJS of packages that have both, and a bundle then has all of it: class-validator brings the telephone numbers of all countries.
 * An `import()` of that one, as Nest's ValidationPipe makes, still leads to all of it, in a file of its own: decorators write to one place of
 * the process, whatever copy they are of.
 */
function takeEsModules({ onResolve, resolve: find }) {
  onResolve({ filter: /^(rxjs(\/operators)?|class-validator)$/ }, async ({ path, pluginData, ...asked }) => {
    if (pluginData === 'found' || (path === 'class-validator' && asked.kind !== 'import-statement'))
      return undefined;
    const found = await find(path, { ...asked, pluginData: 'found' });
    const file = found.path.replaceAll('\\', '/').replace(...folders[path.split('/')[0]]);
    return existsSync(file) ? { path: file, sideEffects: false } : undefined;
  });
}

/** Leads nowhere: one that a file brings goes before what the bundler would write. */
const emptyMap = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64');

/**
 * Nine tenths of a map would be lines of packages, and Node reads all maps of what it loads, and takes one apart for the first
 * stack: a tenth of a server's start, and again of its end.
 */
function leaveOutMapsOfPackages({ onLoad }) {
  onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/, namespace: 'file' }, ({ path }) => ({
    contents: `${makeLater(readFileSync(path, 'utf8'))}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
  }));
}

/** Nest makes it as it is loaded, for a logger that no server has: 17 ms of CPU, which Node takes to load its dates of all languages. */
const nestsFormatter = /^const dateTimeFormatter = (new Intl\.DateTimeFormat\([^;]*\));$/m;

function makeLater(code) {
  return code.replace(
    nestsFormatter,
    'let madeFormatter;\nconst dateTimeFormatter = { format: (time) => (madeFormatter ??= $1).format(time) };',
  );
}

let lastImport = Promise.resolve();

/** One after the other: packages that are loaded at once find each other half loaded. */
function namesOf(path) {
  const names = lastImport.then(async () => Object.keys(await import(path)));
  lastImport = names.then(
    () => {},
    () => {},
  );
  return names;
}

/** As Node would load it. */
export function isCommonJs(file) {
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
