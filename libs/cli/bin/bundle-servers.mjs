// Makes few files of each server's code and all that it imports: `dist/servers/<type>.js` and what it shares with others; and of
// the game that `npm start` plays, `dist/play-through.js`. Run in the game's folder, after the compiler.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';

try {
  const { metafile } = await build(bundleOptions('dist'));
  nameClassesAlone(Object.keys(metafile.outputs));
  removeOthers('dist/servers', new Set(Object.keys(metafile.outputs)));
} catch (error) {
  // The bundler has printed its own errors, such as a folder that may not be written.
  if (!error.errors) process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

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

/** Pieces of earlier builds. */
function removeOthers(folder, written) {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !written.has(path)) rmSync(path);
  }
}
