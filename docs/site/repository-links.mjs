// Where the repository's Markdown files are on the site, and where their links lead there.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The path on the site of a Markdown file of the repository: pages of docs/ stand at the top, a README is its folder's index. */
export function pageOf(file) {
  return file.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}

/** The anchor of a heading, by GitHub's rule. */
export function githubSlug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');
}

/**
 * Links between pages lead to where the pages are on the site. A link to another file of the repository, such as a source, becomes plain
 * text, as the site does not have it; one to a file that is not there stops the build.
 */
export function siteLinks(markdown) {
  markdown.core.ruler.push('site-links', ({ tokens, env }) => {
    const file = env.realPath ?? env.path;
    for (const { children } of tokens) for (const link of linksOf(children ?? [])) changeLink(link, file);
  });
}

/** Pairs of the tokens that open and close a link; links do not nest. */
function linksOf(tokens) {
  const opening = tokens.filter(({ type }) => type === 'link_open');
  const closing = tokens.filter(({ type }) => type === 'link_close');
  return opening.map((open, index) => ({ open, close: closing[index] }));
}

function changeLink({ open, close }, file) {
  const href = open.attrGet('href');
  if (/^([a-z]+:|#)/.test(href)) return;
  const [path, hash] = href.split('#');
  const target = join(dirname(file), decodeURI(path));
  if (!existsSync(target)) throw new Error(`${relative(root, file)} links to ${path}, which is not there`);
  if (/\.md$/.test(target) && !/\/libs\//.test(target)) {
    open.attrSet('href', `/${pageOf(relative(root, target))}${hash ? `#${hash}` : ''}`);
    return;
  }
  for (const token of [open, close]) Object.assign(token, { type: 'repository_path', tag: 'span' });
  open.attrs = [['title', relative(root, target)]];
}
