import { followNewest } from './follow-newest.js';
import type { GlobalOptions } from './global-options.js';
import { toYaml } from './render/manifests.js';
import { renderRoutes } from './render/routes.js';
import { readTemplate } from './render/template.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { printCheck } from './views.js';

/** Lets routes and jobs follow the table once more. @throws Error with what would go wrong */
export async function followTable(session: ReleaseSession): Promise<void> {
  await followNewest(session, await requireTable(session));
  await printCheck(session);
}

/** Prints the routes that the table asks for, in the overlay's dialect. */
export async function printRoutes(
  session: ReleaseSession,
  { overlay, json }: Pick<GlobalOptions, 'overlay' | 'json'>,
): Promise<void> {
  const { table } = await requireTable(session);
  const routes = renderRoutes(readTemplate(overlay), table);
  process.stdout.write(json ? `${JSON.stringify(routes, undefined, 2)}\n` : toYaml(routes));
}
