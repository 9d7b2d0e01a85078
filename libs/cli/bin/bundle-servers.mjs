// Makes few files of each server's code and all that it imports: `dist/servers/<type>.js` and what it shares with others; and of
// the game that `npm start` plays, `dist/play-through.js`. Run in the game's folder, after the compiler.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, nameClassesAloneIn } from './bundle-options.mjs';

try {
  const { metafile } = await build(bundleOptions('dist'));
  nameClassesAloneIn(Object.keys(metafile.outputs));
  removeOthers('dist/servers', new Set(Object.keys(metafile.outputs)));
} catch (error) {
  // The bundler has printed its own errors, such as a folder that may not be written.
  if (!error.errors) process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Pieces of earlier builds. */
function removeOthers(folder, written) {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !written.has(path)) rmSync(path);
  }
}
