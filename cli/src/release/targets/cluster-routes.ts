import type { ReleaseTable } from '#releases';
import { annotationPrefix, type Ingress } from '../render/ingress.js';
import { limitsOf } from '../render/limits.js';
import { toYaml } from '../render/manifests.js';
import { type Dialect, renderRoutes } from '../render/routes.js';
import { kubectl } from './kubectl.js';

/** The routes in the cluster, in the dialect that is in use there. Without a Gateway or an Ingress there is nothing to do. */
export class ClusterRoutes {
  /** @param folder the manifests of the one source version */
  constructor(private readonly folder: string) {}

  /** Makes the routes say what the table says, and removes those that it does not ask for. */
  async follow(table: ReleaseTable): Promise<void> {
    const dialect = await dialectInUse();
    if (!dialect) return;
    const wanted = renderRoutes(dialect, this.folder, table);
    await kubectl(['apply', '-f', '-'], toYaml(wanted));
    const stale = await this.stale(dialect, wanted);
    if (stale.length > 0) await kubectl(['delete', '--ignore-not-found', ...stale]);
  }

  /** Takes a version's own routes away. */
  async remove(version: string): Promise<boolean> {
    const dialect = await dialectInUse();
    if (!dialect) return false;
    const removed = await kubectl([
      'delete',
      kindOf(dialect),
      '-l',
      `env=prod,version=${version}`,
      '--ignore-not-found',
    ]);
    return removed.trim() !== '' && !removed.startsWith('No resources');
  }

  /** In sentences: where the routes say something else than the table. */
  async problems(table: ReleaseTable): Promise<string[]> {
    const dialect = await dialectInUse();
    if (!dialect) return [];
    const wanted = renderRoutes(dialect, this.folder, table);
    const problems: string[] = [];
    for (const route of wanted) {
      // `kubectl diff` prints what differs and exits with 1.
      const difference = await kubectl(['diff', '-f', '-'], toYaml([route]), 1);
      if (difference.trim() !== '')
        problems.push(`The ${route.kind} ${route.metadata.name} says something else than the table.`);
    }
    for (const name of await this.stale(dialect, wanted))
      problems.push(`The table knows nothing of ${name}.`);
    return problems;
  }

  /** In sentences: what the dialect in use can't say of the table. */
  async limits(table: ReleaseTable): Promise<string[]> {
    const dialect = await dialectInUse();
    return dialect ? limitsOf(dialect, table) : [];
  }

  /** As `httproute.gateway.networking.k8s.io/game-prod-v100000`. */
  private async stale(dialect: Dialect, wanted: Array<{ metadata: { name: string } }>): Promise<string[]> {
    const names = await kubectl(['get', kindOf(dialect), '-l', 'env=prod', '-o', 'name']);
    const known = new Set(wanted.map(({ metadata }) => metadata.name));
    return names
      .trim()
      .split('\n')
      .filter((name) => name.includes('/game-prod') && !known.has(name.split('/')[1] ?? ''));
  }
}

const kindOf = (dialect: Dialect): string => (dialect === 'gateway' ? 'httproute' : 'ingress');

/** A Gateway, else what the annotations of the game's Ingress are. */
async function dialectInUse(): Promise<Dialect | undefined> {
  if (await hasGateway()) return 'gateway';
  const text = await kubectl(['get', 'ingress', 'game-prod', '--ignore-not-found', '-o', 'json']);
  if (text.trim() === '') return undefined;
  const { metadata } = JSON.parse(text) as Ingress;
  return metadata.annotations?.[`${annotationPrefix}/service-match`] === undefined ? 'nginx' : 'alibaba';
}

async function hasGateway(): Promise<boolean> {
  try {
    return (await kubectl(['get', 'gateway', 'game', '--ignore-not-found', '-o', 'name'])).trim() !== '';
  } catch (error) {
    // A cluster without the Gateway API does not know the word.
    if (/doesn't have a resource type/.test((error as Error).message)) return false;
    throw error;
  }
}
