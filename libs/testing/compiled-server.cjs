const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const { basename, dirname, join, resolve } = require('node:path');
const process = require('node:process');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

/**
 * `node compiled-server.cjs .ccgame/compiled-servers dist/servers/http.js` runs a server by code that V8 compiled for an earlier one
 * (decision 440): V8 takes back what it compiled of a script, and Node 20 has no way to ask for that for an ES module. So each piece of
 * the bundle is made a script once, and what V8 has compiled of it is written when a process ends.
 */
const [, , kept, entry] = process.argv;
// As if Node had been given the server itself.
process.argv.splice(1, 3, entry);

const hash = (...parts) =>
  parts
    .reduce((sum, part) => sum.update(part), createHash('sha256'))
    .digest('hex')
    .slice(0, 16);
const place = hash(entry);
// The names of the other pieces tell their content, so the entry, which names them, tells of all.
const content = hash(
  process.version,
  fs.readFileSync(join(__dirname, 'compiled-server.cjs')),
  fs.readFileSync(entry),
);
const folder = join(kept, `${place}-${content}`);
/** By the file of the bundle. */
const pieces = new Map();
/** Node forgets a map together with its module. */
const mapped = [];

function load(file) {
  const known = pieces.get(file);
  if (known) return known.exports;
  const piece = { exports: {}, script: compile(file) };
  pieces.set(file, piece);
  piece.script.runInThisContext()(piece.exports, requireIn(file), piece, pathToFileURL(file).href);
  return piece.exports;
}

function requireIn(file) {
  const ofNode = Module.createRequire(file);
  const own = (name) => (/^\.\.?\/.*\.js$/.test(name) ? load(resolve(dirname(file), name)) : ofNode(name));
  return Object.assign(own, ofNode);
}

function compile(file) {
  const base = join(folder, basename(file, '.js'));
  const path = `${base}.cjs`;
  if (!fs.existsSync(path)) convert(file, base);
  if (process.sourceMapsEnabled && fs.existsSync(`${base}.map`)) addMap(path, `${base}.map`);
  const cachedData = fs.existsSync(`${base}.cache`) ? fs.readFileSync(`${base}.cache`) : undefined;
  return new vm.Script(fs.readFileSync(path, 'utf8'), { filename: path, lineOffset: -1, cachedData });
}

/** Node reads no map of a script: it gets that of a module at the same path. */
function addMap(path, map) {
  const module = new Module(path);
  mapped.push(module);
  module._compile(`//# sourceMappingURL=${map}`, path);
}

/** See `banner` in libs/cli/bin/bundle-options.mjs: a script has its `require`. Its two lines stay, for the map. */
const banner = /^import \{ createRequire as \w+ \} from 'node:module';\nconst require = .*;\n/;
const mapLine = /\n\/\/# sourceMappingURL=(\S+)\s*$/;

function convert(file, base) {
  const { transformSync } = require('esbuild');
  const folderOf = dirname(file);
  const code = fs.readFileSync(file, 'utf8').replace(banner, '\n\n');
  const [, map] = mapLine.exec(code) ?? [];
  const dataOf = (name) => fs.readFileSync(join(folderOf, name), 'base64');
  const given = code.replace(
    mapLine,
    map ? `\n//# sourceMappingURL=data:application/json;base64,${dataOf(map)}` : '',
  );
  const made = transformSync(file === entry ? withoutAwait(given) : given, {
    format: 'cjs',
    platform: 'node',
    minifyWhitespace: true,
    define: { 'import.meta.url': 'urlOfPiece' },
    // A piece that is imported later is a script as well.
    supported: { 'dynamic-import': false },
    sourcemap: map ? 'external' : false,
    sourcesContent: false,
  });
  makeFolder();
  if (map) {
    const given = JSON.parse(made.map);
    const sources = given.sources.map((source) => pathToFileURL(resolve(folderOf, source)).href);
    write(`${base}.map`, JSON.stringify({ ...given, sources }));
  }
  write(`${base}.cjs`, `(function (exports, require, module, urlOfPiece) { 'use strict';\n${made.code}\n})`);
}

/** A script has no `await` of its own. The one of a server's `main.ts` is its last word, and Node hears of its failure all the same. */
function withoutAwait(code) {
  return code.replace(/(?<=;)await (?=run(?:Server|Job)\()/, 'void ');
}

function makeFolder() {
  if (fs.existsSync(folder)) return;
  fs.mkdirSync(folder, { recursive: true });
  const earlier = fs.readdirSync(kept).filter((name) => name.startsWith(place) && name !== basename(folder));
  for (const name of earlier) fs.rmSync(join(kept, name), { recursive: true, force: true });
}

/** Another process may do the same. */
function write(path, content) {
  fs.writeFileSync(`${path}.${process.pid}`, content);
  fs.renameSync(`${path}.${process.pid}`, path);
}

/** A process that ended with an error has compiled little; a cache that V8 doesn't take any more is of no use to the others. */
process.once('exit', (code) => {
  if (code !== 0) return;
  try {
    for (const [file, { script }] of pieces) {
      const path = join(folder, `${basename(file, '.js')}.cache`);
      if (script.cachedDataRejected || !fs.existsSync(path)) write(path, script.createCachedData());
    }
  } catch (error) {
    // A newer build took the folder away.
    if (error.code !== 'ENOENT') throw error;
  }
});

load(entry);
