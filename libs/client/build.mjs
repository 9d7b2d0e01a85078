// Bundles the play page; with `package` also makes dist/npm/client, ready for `npm publish`. Needs a compiled dist/.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const compiled = join(root, 'dist', 'libs', 'client');
/** The client's largest size beside socket.io-client. */
const maxGzipBytes = 12 * 1024;

const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, logLevel: 'warning' };

async function play() {
  const folder = join(root, 'dist', 'play');
  mkdirSync(folder, { recursive: true });
  const entryPoints = [join(compiled, 'play', 'play.js')];
  await build({ ...common, entryPoints, outfile: join(folder, 'play.js'), sourcemap: true });
  cpSync(join(root, 'libs', 'client', 'play', 'index.html'), join(folder, 'index.html'));
}

async function pack() {
  const folder = join(root, 'dist', 'npm', 'client');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'index.js');
  await build({
    ...common,
    entryPoints: [join(compiled, 'src', 'index.js')],
    outfile,
    external: ['socket.io-client'],
  });
  const source = join(root, 'libs', 'client');
  cpSync(join(source, 'npm', 'client-package.json'), join(folder, 'package.json'));
  cpSync(join(source, 'README.md'), join(folder, 'README.md'));
  const { writeTypes } = await import('./build-types.mjs');
  writeTypes(root, join(folder, 'types'));
  const bytes = gzipSync(readFileSync(outfile)).length;
  console.log(`@ccgame/client: ${bytes} bytes gzip beside socket.io-client`);
  if (bytes > maxGzipBytes) throw new Error(`The client may weigh ${maxGzipBytes} bytes at most.`);
  writeFileSync(join(folder, 'size.json'), JSON.stringify({ gzipBytes: bytes }));
}

await play();
if (process.argv.includes('package')) await pack();
