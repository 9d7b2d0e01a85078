// Bundles the pages for dist/pages. Run by the build, after the libraries are compiled.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { marked } from 'marked';

const root = process.cwd();
const pages = join(root, 'dist', 'pages');
/** By name: the folder with `index.html`, and the script that it loads under its own name. */
const bundled = {
  play: ['game/play', 'play.ts'],
  arena: ['examples/arena/page', 'arena.ts'],
  ...Object.fromEntries(ownPages().map((name) => [name, [join('game/play', name), `${name}.ts`]])),
};

try {
  await writePages();
} catch (error) {
  // The bundler has printed its own errors, such as a folder that may not be written.
  if (!error.errors) process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Folders here with an `index.html`: `chess/index.html` and `chess/chess.ts` are the page `/chess/`. */
function ownPages() {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  return folders
    .map(({ name }) => name)
    .filter((name) => existsSync(join(import.meta.dirname, name, 'index.html')));
}

async function writePages() {
  rmSync(pages, { recursive: true, force: true });
  for (const [name, [folder, script]] of Object.entries(bundled)) {
    if (!existsSync(join(root, folder))) continue;
    mkdirSync(join(pages, name), { recursive: true });
    cpSync(join(root, folder, 'index.html'), join(pages, name, 'index.html'));
    await build({
      entryPoints: [join(root, folder, script)],
      outfile: join(pages, name, script.replace(/ts$/, 'js')),
      bundle: true,
      format: 'esm',
      target: 'es2023',
      minify: true,
      sourcemap: true,
      logLevel: 'warning',
    });
  }
  writeGuide();
  writeStart();
}

/** With a link to each page of the game's own. */
function writeStart() {
  const links = ownPages().map(
    (name) =>
      `<a href="/${name}/"><strong>Play ${name}</strong>The page of this game, from game/play/${name}.</a>`,
  );
  const html = readFileSync(join(import.meta.dirname, 'start.html'), 'utf8');
  mkdirSync(join(pages, 'start'), { recursive: true });
  writeFileSync(join(pages, 'start', 'index.html'), html.replace('<!-- own pages -->', links.join('\n    ')));
}

/** The documents as pages that link to each other; those of code and decisions stay links into the repository's files. */
function writeGuide() {
  mkdirSync(join(pages, 'guide'), { recursive: true });
  const folder = join(root, 'docs');
  const documents = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.md')) : [];
  const files = [join(root, 'README.md'), ...documents.map((name) => join(folder, name))];
  for (const file of files) {
    const name = basename(file, '.md') === 'README' ? 'index' : basename(file, '.md');
    const html = marked
      .parse(readFileSync(file, 'utf8'))
      .replaceAll(/href="(?:docs\/|\.\.\/)?([\w-]+)\.md/g, (link, to) =>
        to === 'README' ? 'href="index.html' : `href="${to}.html`,
      );
    writeFileSync(join(pages, 'guide', `${name}.html`), guidePage(name, html));
  }
}

function guidePage(title, body) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>ccgame: ${title}</title>
  <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
    code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; background: #f2f3f6; }
    pre { padding: 0.8rem; overflow: auto; }
    table { border-collapse: collapse; display: block; overflow: auto; }
    td, th { border: 1px solid #ccd; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
  </style>
  <p><a href="/">Start page</a> · <a href="index.html">README</a></p>
  ${body}
</html>
`;
}
