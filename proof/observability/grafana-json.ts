import type { Dashboard, Panel, Query } from './panels.js';

const ownMetric = /\b((?:ccgame|nodejs|process)_\w+)(?:\{([^}]*)\})?/g;
/** Labels by which a whole dashboard is narrowed, and their names on the screen. */
const variables = { namespace: 'Namespace', version: 'Version of the server' };
const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 24;
const rowHeight = 8;

/** A dashboard as Grafana imports it. */
export function grafanaJson({ uid, title, description, panels }: Dashboard): object {
  let place = { x: 0, y: 0 };
  const placed = panels.map((panel, index) => {
    const width = panel.width === 'full' ? columns : columns / 2;
    if (place.x + width > columns) place = { x: 0, y: place.y + rowHeight };
    const at = { ...place, w: width, h: rowHeight };
    place = { ...place, x: place.x + width };
    return panelJson(panel, index + 1, at);
  });
  return {
    uid,
    title,
    description,
    tags: ['ccgame'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [datasourceVariable, ...Object.entries(variables).map(labelVariable)] },
    links: [
      {
        type: 'dashboards',
        title: 'ccgame',
        tags: ['ccgame'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    panels: placed,
  };
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
};

/** `All` fits servers without the label too, as on a laptop. */
function labelVariable([name, label]: [string, string]): object {
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: { query: `label_values(ccgame_server_ready, ${name})`, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

function panelJson({ title, description, unit, queries }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    datasource,
    gridPos,
    fieldConfig: {
      defaults: { unit, min: 0, custom: { fillOpacity: 8, showPoints: 'never' } },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: queries.map(targetJson),
  };
}

function targetJson({ expr, legend }: Query, index: number): object {
  return { refId: String.fromCharCode(65 + index), datasource, expr: narrowed(expr), legendFormat: legend };
}

/** With the dashboard's variables in the selector of each of our metrics. */
function narrowed(expr: string): string {
  const given = Object.keys(variables).map((label) => `${label}=~"$${label}"`);
  return expr.replaceAll(ownMetric, (_, name: string, selector?: string) => {
    const all = [...given, ...(selector ? [selector] : [])];
    return `${name}{${all.join(', ')}}`;
  });
}
