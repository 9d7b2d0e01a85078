import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PrometheusFiles } from './prometheus-files.js';

describe('the files of Prometheus on a laptop', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-observe-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));

  it('name the servers that run, and the alarms of the cluster', () => {
    const files = new PrometheusFiles(process.cwd(), folder);
    files.writeConfig();
    expect(read('targets.json')).toEqual([{ targets: [] }]);
    files.writeTargets([
      { healthPort: 4001, state: 'running' },
      { healthPort: 4002, state: 'absent' },
      { healthPort: 4003, state: 'leaving' },
    ]);
    expect(read('targets.json')).toEqual([{ targets: ['127.0.0.1:4001', '127.0.0.1:4003'] }]);
    const { rule_files: rules } = read('prometheus.yml') as { rule_files: string[] };
    expect(rules).toEqual([join(folder, 'alarms.yml')]);
    const { spec } = parse(readFileSync('k8s/observability/rules.yaml', 'utf8')) as { spec: unknown };
    expect(read('alarms.yml')).toEqual(spec);
  });

  it('open every query of the dashboards as a graph', () => {
    const page = readFileSync(join(folder, 'pages', 'index.html'), 'utf8');
    // Prometheus would take it for a template.
    expect(page).not.toContain('{{');
    const names = readdirSync('k8s/observability/dashboards');
    const sections = page.split('<h2>').slice(1);
    expect(sections).toHaveLength(names.length);
    const links = sections.flatMap((section) => {
      const [, pages = ''] = /<p>(.*)<\/p>/.exec(section) ?? [];
      return [...pages.matchAll(/href="([^"]*)"/g)].map(([, href]) => graphsIn(href));
    });
    const shown = links.flat();
    expect(Math.max(...links.map(({ length }) => length))).toBe(10);
    expect(shown.length).toBeGreaterThan(90);
    expect(shown.filter((expr) => expr.includes('$') || !/\w/.test(expr))).toEqual([]);
    expect(shown).toContain(
      'sum by (server_type, version) (ccgame_server_ready{namespace=~".*", version=~".*"})',
    );
  });
});

/** The queries in a link to Prometheus's page of graphs. */
function graphsIn(href: string): string[] {
  const { searchParams } = new URL(href.replaceAll('&amp;', '&'), 'http://localhost');
  return [...searchParams].filter(([name]) => name.endsWith('.expr')).map(([, expr]) => expr);
}
