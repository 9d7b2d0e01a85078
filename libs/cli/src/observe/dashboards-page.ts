import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readObject } from '../game-files.js';

/** The part of a dashboard of Grafana that is shown here. */
interface Dashboard {
  title: string;
  panels: Panel[];
}

interface Panel {
  title: string;
  /** A row and a text have none. */
  targets?: { expr?: string }[];
}

/** Grafana's variables, as there is one stack and a look every two seconds. */
const variables = { $__rate_interval: '30s', $namespace: '.*', $version: '.*' };
const range = '15m';
/** Prometheus's page of Debian mixes up graphs with numbers of two digits. */
const mostGraphs = 10;

/**
 * A page of links that open the queries of Grafana's dashboards as graphs of Prometheus: all of a dashboard, ten at a time, or those of one
 * panel.
 *
 * @param folder that of the dashboards' JSON files
 */
export function dashboardsPage(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const dashboards = files.map((name) => readObject<Dashboard>(join(folder, name)));
  const sections = dashboards.map(({ title = '', panels = [] }) => {
    const all = panels.flatMap(queriesOf);
    const items = panels.flatMap((panel) => {
      const own = queriesOf(panel);
      return own.length === 0 ? [] : `<li>${link(panel.title, own)}</li>`;
    });
    const pages = Array.from({ length: Math.ceil(all.length / mostGraphs) }, (_, index) => {
      const shown = all.slice(index * mostGraphs, (index + 1) * mostGraphs);
      return link(`graphs ${index * mostGraphs + 1} to ${index * mostGraphs + shown.length}`, shown);
    });
    return `<h2>${escaped(title)}</h2>\n<p>${pages.join(', ')}</p>\n<ul>\n${items.join('\n')}\n</ul>`;
  });
  return `<!doctype html>\n<meta charset="utf-8">\n<title>ccgame</title>\n<style>body { font-family: sans-serif; columns: 20em } h2, p { break-after: avoid }</style>\n${sections.join('\n')}\n`;
}

function queriesOf({ targets = [] }: Panel): string[] {
  return targets.flatMap(({ expr }) => expr ?? []);
}

function link(title: string, exprs: string[]): string {
  const graphs = exprs.map((expr, index) => {
    const filled = Object.entries(variables).reduce(
      (text, [name, value]) => text.replaceAll(name, value),
      expr,
    );
    return `g${index}.expr=${encodeURIComponent(filled)}&amp;g${index}.tab=0&amp;g${index}.range_input=${range}`;
  });
  return `<a href="/graph?${graphs.join('&amp;')}">${escaped(title)}</a>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
