// The site's sidebar. A page's name there is its heading; a page that no section names is found under "Reference".
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageOf, root } from './repository-links.mjs';

const start = ['README.md', 'docs/tutorial.md', 'docs/start.md'];
const howTo = ['docs/deploy.md', 'docs/releases.md', 'docs/operators.md', 'docs/alarms.md', 'docs/traces.md'];
const concepts = ['docs/architecture.md', 'docs/glossary.md', 'docs/storage.md', 'docs/original-design.md'];
const changes = ['CHANGELOG.md', 'UPGRADING.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const clients = ['docs/client.md', 'docs/protocol.md', 'clients/README.md'];

export function sidebar() {
  const guides = [...howTo, ...pagesIn('docs/how-to')];
  const measurements = ['docs/chaos.md', ...pagesIn('docs/measurements')];
  const placed = [...start, ...guides, ...concepts, ...measurements, ...clients];
  return [
    section('Start', start),
    section('How-to', [...guides, 'examples/arena/README.md']),
    section('Concepts', concepts),
    section('Reference', [...pagesIn('docs').filter((page) => !placed.includes(page)), ...clients], {
      items: [{ text: 'API of the libraries', link: '/api/index.html', target: '_self' }],
    }),
    section('Measurements', measurements),
    section('Decisions', pagesIn('docs/decisions'), { collapsed: true }),
    section('The project', changes, { collapsed: true }),
  ];
}

function section(text, pages, { items = [], ...options } = {}) {
  return {
    text,
    ...options,
    items: [...pages.filter((page) => existsSync(join(root, page))).map(itemOf), ...items],
  };
}

function itemOf(page) {
  const [, heading] = /^# (.+)$/m.exec(readFileSync(join(root, page), 'utf8')) ?? [];
  if (!heading) throw new Error(`${page} has no heading`);
  return { text: heading.replaceAll('`', ''), link: `/${pageOf(page).replace(/(index)?\.md$/, '')}` };
}

function pagesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.md'));
  return files.sort().map((file) => `${folder}/${file}`);
}
