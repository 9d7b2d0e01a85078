// Makes the studio's client package in dist/npm/client, ready for `npm publish`: the SDK in one file, and its types with those
// of the game built in. Needs compiled libraries.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { writeTypes } from './build-types.mjs';

const source = dirname(fileURLToPath(import.meta.url));
const root = join(source, '..', '..');
/** The client's largest size beside socket.io-client. */
const maxGzipBytes = 14 * 1024;

const folder = join(root, 'dist', 'npm', 'client');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** `standalone` holds socket.io-client: one file to copy into a project whose tools know no packages. */
const outputs = [
  { name: 'index', format: 'esm', external: ['socket.io-client', 'engine.io-client'] },
  { name: 'wechat', format: 'esm' },
  { name: 'wechat', format: 'cjs' },
  { name: 'standalone', format: 'esm' },
  { name: 'standalone', format: 'cjs' },
];
for (const { name, format, external = [] } of outputs) {
  await build({
    entryPoints: [join(source, 'dist', `${name === 'standalone' ? 'index' : name}.js`)],
    outfile: join(folder, `${name}.${format === 'cjs' ? 'cjs' : 'js'}`),
    bundle: true,
    platform: 'browser',
    format,
    // As much as Safari 14 knows, the oldest that is promised, and mini games and React Native.
    target: 'es2020',
    minify: true,
    sourcemap: true,
    logLevel: 'warning',
    external,
  });
}
cpSync(join(source, 'npm', 'client-package.json'), join(folder, 'package.json'));
cpSync(join(source, 'README.md'), join(folder, 'README.md'));
writeTypes(root, join(folder, 'types'));
const bytes = gzipSync(readFileSync(join(folder, 'index.js'))).length;
console.log(`@ccgame/client: ${bytes} bytes gzip beside socket.io-client`);
if (bytes > maxGzipBytes) throw new Error(`The client may weigh ${maxGzipBytes} bytes at most.`);
writeFileSync(join(folder, 'size.json'), JSON.stringify({ gzipBytes: bytes }));
