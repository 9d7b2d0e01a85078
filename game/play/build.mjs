// Bundles the play page for dist/play. Run by the build, after the libraries are compiled.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const from = import.meta.dirname;
const to = join(process.cwd(), 'dist', 'play');
mkdirSync(to, { recursive: true });
await build({
  entryPoints: [join(from, 'play.ts')],
  outfile: join(to, 'play.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
});
cpSync(join(from, 'index.html'), join(to, 'index.html'));
