// Makes one module each of the packages' files that a game imports, and of all that those import in turn, so that a server of
// `npm run dev` loads few files, and only the game itself is bundled at each change. Run in the game's folder.
// Usage: bundle-packages.mjs <folder to write> <file with a JSON object: a module's name and its file in node_modules>
import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { build } from 'esbuild';
import { bundleOptions, isCommonJs, nameClassesAloneIn, watchdogEntry } from './bundle-options.mjs';

const [, , folder, list] = argv;
const options = bundleOptions('');
const { metafile } = await build({
  ...options,
  entryPoints: [
    ...Object.entries(JSON.parse(readFileSync(list, 'utf8'))).map(([out, file]) => ({ in: file, out })),
    ...watchdogEntry('shared'),
  ],
  outdir: folder,
  chunkNames: 'shared/[name]-[hash]',
  // Few packages bring lines of their own, and they take the most time.
  sourcemap: false,
  plugins: [{ name: 'named-exports-of-entries', setup: nameExports }, ...options.plugins],
});
nameClassesAloneIn(Object.keys(metafile.outputs));

/** Bundled as it is, a CommonJS file exports `default` alone. */
function nameExports({ onResolve }) {
  onResolve({ filter: /.*/ }, ({ path, kind }) =>
    kind === 'entry-point' && isCommonJs(path) ? { path, namespace: 'named-exports' } : undefined,
  );
}
