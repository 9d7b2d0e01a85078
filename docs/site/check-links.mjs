// `node docs/site/check-links.mjs <folder of a built site>`: every link, in texts, sidebars and the API, leads to a file and an anchor
// that are there. Links to other sites are not followed. Exit code 1 when one is dead.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [site] = process.argv.slice(2);
const pages = new Map(
  readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .map((page) => [page, readPage(readFileSync(join(site, page), 'utf8'))]),
);
const dead = [...pages].flatMap(([page, { links }]) =>
  [...links].filter((link) => isDead(link, page)).map((link) => `${page}: ${link}`),
);

for (const link of dead) console.error(`dead link in ${link}`);
const count = [...pages.values()].reduce((sum, { links }) => sum + links.size, 0);
console.log(`${pages.size} pages, ${count} links, ${dead.length} dead`);
process.exitCode = dead.length === 0 && count > 0 ? 0 : 1;

function readPage(html) {
  return {
    links: new Set([...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, link]) => link)),
    anchors: new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => decodeURI(id))),
  };
}

function isDead(link, page) {
  if (/^[a-z]+:/.test(link)) return false;
  const [path, anchor] = decodeURI(link.replaceAll('&amp;', '&')).split('#');
  const target = fileOf(path.split('?')[0], page);
  if (target === undefined) return true;
  return Boolean(anchor) && pages.has(target) && !pages.get(target).anchors.has(anchor);
}

/** The file that a web server gives for a path: the file itself, its folder's index, or the page of that name. */
function fileOf(path, page) {
  if (path === '') return page;
  const file = path.startsWith('/') ? join(site, path) : join(site, dirname(page), path);
  const found = [file, join(file, 'index.html'), `${file.replace(/\/$/, '')}.html`].find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
  return found && relative(site, found);
}
