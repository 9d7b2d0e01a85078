import { dashboards } from './dashboards/index.js';
import { grafanaJson } from './grafana-json.js';

const folder = 'k8s/observability/dashboards';

/** The dashboards' files, by path: what is in the repository is compared with this. */
export function dashboardFiles(): Map<string, string> {
  return new Map(
    dashboards.map((dashboard) => [
      `${folder}/${dashboard.uid}.json`,
      `${JSON.stringify(grafanaJson(dashboard), undefined, 2)}\n`,
    ]),
  );
}
