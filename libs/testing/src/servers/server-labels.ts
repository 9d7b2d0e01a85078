import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Its processes run one job and end; all other apps are servers. */
const jobRunner = 'cron';

/** The server types of the repository: every folder of `apps/` with a `main.ts`, without the runner of jobs. */
export function serverTypesOf(root: string): string[] {
  const apps = join(root, 'apps');
  return readdirSync(apps).filter(
    (app) => app !== jobRunner && existsSync(join(apps, app, 'src', 'main.ts')),
  );
}

/** The three labels by which all routing selects. */
export interface ServerLabels {
  serverId: string;
  serverType: string;
  version: string;
}

/** The labels that the Downward API would give to pod `ordinal` of a StatefulSet: `connector-dev-v100000-0`. */
export function labelsOf(
  serverType: string,
  version: string,
  ordinal: number,
  environment = 'dev',
): ServerLabels {
  return {
    serverId: `${serverType}-${environment}-v${version.replaceAll('.', '')}-${ordinal}`,
    serverType,
    version,
  };
}
