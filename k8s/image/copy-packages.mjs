// Copies what the bundled servers need of node_modules to the folder given. Run in the image's build, after bundle-servers.mjs.
//
// Packages that the game alone names under `dependencies` come whole, with all that they depend on: a database driver may be
// loaded by a name that is made at run time. Code that only the libraries of ccgame need is in the bundle. Their packages that
// can't be bundled are copied as far as imports lead to a file.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

const [target = ''] = process.argv.slice(2);
const root = process.cwd();

/** DECIDE: what your game reads from node_modules without importing it, such as templates or worker files. */
const readNotImported = [
  // The API page at /docs.
  'swagger-ui-dist/package.json',
  'swagger-ui-dist/swagger-ui.css',
  'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui-dist/swagger-ui-standalone-preset.js',
  'swagger-ui-dist/favicon-16x16.png',
  'swagger-ui-dist/favicon-32x32.png',
].map((name) => join('node_modules', name));

const isNotRun = (path) => /\.[cm]?tsx?$|\.map$|\.md$|\/node_modules$/.test(path);

/** The folder from which `name` is loaded by a package in `from`. */
function folderOf(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (at === dirname(at)) return undefined;
  }
}

/** The packages that `names` and their own dependencies load; those of this repository are left to the trace. */
function closureOf(names, from, found = new Set()) {
  for (const name of names) {
    const folder = folderOf(name, from);
    if (!folder || found.has(folder) || !realpathSync(folder).includes('node_modules')) continue;
    found.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    closureOf(Object.keys({ ...dependencies, ...optionalDependencies }), folder, found);
  }
  return found;
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The libraries' own packages are traced. */
const libraries = join(root, 'node_modules', '@ccgame');
const ofLibraries = new Set(
  readdirSync(libraries).flatMap((name) => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(join(libraries, name));
    return Object.keys({ ...dependencies, ...peerDependencies });
  }),
);
const own = Object.keys(manifestOf(root).dependencies).filter(
  (name) => !ofLibraries.has(name) && !name.startsWith('@ccgame/'),
);
for (const folder of closureOf(own, root)) {
  const to = join(target, relative(root, folder));
  cpSync(folder, to, { recursive: true, filter: (path) => path === folder || !isNotRun(path) });
}

const servers = join(root, 'dist', 'servers');
const { fileList } = await nodeFileTrace(
  readdirSync(servers)
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(servers, name)),
  { base: root, processCwd: root, mixedModules: true },
);
const needed = [...fileList, ...readNotImported].filter((file) => file.startsWith('node_modules/'));
for (const file of needed) {
  const to = join(target, file);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, file), to);
}
console.log(`${needed.length} files of node_modules are needed, and ${own.length} packages whole`);
