// Copies the installed files that the servers need, and no others, to the folder given: what `import` and `require` lead to
// from each app's main.js, and the few that are read without being imported. Run in the image's build, after `npm ci`.
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
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

const apps = await readdir(join(root, 'dist', 'apps'));
const { fileList } = await nodeFileTrace(
  apps.map((app) => join(root, 'dist', 'apps', app, 'src', 'main.js')),
  { base: root, processCwd: root, mixedModules: true },
);
const needed = [...fileList, ...readNotImported].filter((file) => file.startsWith('node_modules'));
for (const file of needed) await cp(join(root, file), join(target, file));
console.log(`${needed.length} files of node_modules are needed`);
