import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The complaints of `npm run docs` about a site of two pages, of which the first has these links. */
function checkSite(links: string): { status: number | null; printed: string } {
  const site = mkdtempSync(join(tmpdir(), 'ccgame-site-'));
  try {
    mkdirSync(join(site, 'decisions'));
    writeFileSync(join(site, 'index.html'), `<a class="x" href="/rpc">r</a>${links}`);
    writeFileSync(join(site, 'rpc.html'), '<h2 id="errors">Errors</h2>');
    writeFileSync(join(site, 'decisions/index.html'), '<a href="../rpc.html#errors">r</a>');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['docs/site/check-links.mjs', site], {
      encoding: 'utf8',
    });
    return { status, printed: stdout + stderr };
  } finally {
    rmSync(site, { recursive: true, force: true });
  }
}

describe('the links of the site', () => {
  it('are found alive: pages by their name, folders, anchors, other sites', () => {
    const links =
      '<a href="/decisions/">d</a><a href="rpc.html#errors">e</a><a href="https://x.example">x</a>';
    expect(checkSite(links)).toEqual({ status: 0, printed: '3 pages, 5 links, 0 dead\n' });
  });

  it('are found dead: a page and an anchor that are not there', () => {
    const { status, printed } = checkSite('<a href="/gone.html">g</a><a href="/rpc#nothing">n</a>');
    expect(status).toBe(1);
    expect(printed).toMatch(/index\.html: \/gone\.html\n.*index\.html: \/rpc#nothing\n/);
  });
});
