import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { githubSlug, pageOf, root, siteLinks } from '../repository-links.mjs';
import { sidebar } from '../navigation.mjs';

// The pages are the Markdown files of the repository as GitHub shows them. Only their links are changed: see repository-links.mjs.
export default defineConfig({
  title: 'ccgame',
  description: 'A game backend for Kubernetes: every server type in several versions at once.',
  srcDir: root,
  srcExclude: ['**/.ccgame/**', '**/game-readme.md', 'libs/**', 'docs/site/**', '.github/**'],
  rewrites: pageOf,
  outDir: join(root, 'dist', 'site'),
  cacheDir: join(root, '.ccgame', 'vitepress'),
  markdown: { anchor: { slugify: githubSlug }, config: siteLinks },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Decisions', link: '/decisions/' },
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: sidebar(),
  },
});
