// Makes few files of each server's code and all that it imports: `dist/servers/<type>.js` and what it shares with others; and of
// the game that `npm start` plays, `dist/play-through.js`; and of servers that tests start, apart from those. Run in the game's
// folder, after the compiler.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, nameClassesAloneIn, testServerOptions } from './bundle-options.mjs';

try {
  await bundle(bundleOptions('dist'), 'dist/servers');
  const testServers = testServerOptions();
  if (testServers.entryPoints.length > 0) await bundle(testServers, 'dist/test-servers');
} catch (error) {
  // The bundler has printed its own errors, such as a folder that may not be written.
  if (!error.errors) process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

async function bundle(options, folder) {
  const { metafile } = await build(options);
  const written = Object.keys(metafile.outputs);
  nameClassesAloneIn(written);
  const needless = leaveOutMaps(metafile.outputs);
  removeOthers(folder, new Set(written.filter((path) => !needless.includes(path))));
}

/** Node reads each map at the start, and counts the characters of the code's lines for it: pieces of packages alone need none. Gives the maps. */
function leaveOutMaps(outputs) {
  const ofPackages = Object.entries(outputs).filter(([path, { inputs }]) => {
    const files = Object.keys(inputs);
    return path.endsWith('.js') && files.length > 0 && files.every((file) => file.includes('node_modules/'));
  });
  for (const [path] of ofPackages) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\/\/# sourceMappingURL=\S+\s*$/, ''));
  }
  return ofPackages.map(([path]) => `${path}.map`);
}

/** Pieces of earlier builds. */
function removeOthers(folder, written) {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !written.has(path)) rmSync(path);
  }
}
