import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseTable } from '@ccgame/releases';
import { limitsOf } from '../render/limits.js';
import { toYaml } from '../render/manifests.js';
import { renderRoutes } from '../render/routes.js';
import type { Manifest } from '../render/manifest.js';
import type { Template } from '../render/template.js';
import { agrees } from './agrees.js';
import { awaitRemoval } from './await-removal.js';
import type { Kubectl } from './kubectl.js';
import { refusals, type Route } from './refused-routes.js';

/** A controller has looked at a changed route, and at the Services behind it, within this time. */
const lookedAtMs = 2_000;

const heldByFinalizer =
  'a finalizer holds them, as where their controller does not run ("kubectl get" shows it in metadata.finalizers)';

const isEnding = ({ metadata }: Route): boolean => metadata.deletionTimestamp !== undefined;
const routeName = ({ metadata }: Manifest): string => metadata.name;

/** The routes in the cluster, in the dialect of the template. */
export class ClusterRoutes {
  constructor(
    private readonly template: Template,
    private readonly kubectl: Kubectl,
    private readonly lookAgainMs = lookedAtMs,
  ) {}

  /**
   * Makes the routes say what the table says, and removes those that it does not ask for. These are not waited for: the controller behind them may
   * hold them by a finalizer, and the jobs that follow after the routes would wait too. `bringBack` belongs after those.
   */
  async followTable(table: ReleaseTable): Promise<void> {
    const wanted = renderRoutes(this.template, table);
    if (wanted.length === 0) return;
    await this.kubectl.run(['apply', '-f', '-'], toYaml(wanted));
    const stale = await this.staleObjects(wanted);
    if (stale.length > 0) await this.kubectl.run(['delete', '--ignore-not-found', '--wait=false', ...stale]);
  }

  /**
   * A route that is asked for again while it is being deleted takes each change, and ends all the same once its controller lets it go: its end is
   * waited for, and it is made anew. Not that of a version that drains: only its retirement deletes it. @throws as `awaitRemoval`
   */
  async bringBack(table: ReleaseTable): Promise<void> {
    const wanted = renderRoutes(this.template, table);
    if (wanted.length === 0) return;
    const staying = new Set((await this.listRoutes()).filter((one) => !isEnding(one)).map(routeName));
    const drains = ({ metadata: { labels } }: Route): boolean =>
      table.versions[labels?.version ?? '']?.state === 'draining';
    const lost = wanted.filter((route) => !staying.has(routeName(route)) && !drains(route));
    if (lost.length === 0) return;
    const names = lost.map(routeName);
    await awaitRemoval({
      what: `routes that were deleted and are wanted again (${names.join(', ')})`,
      why: heldByFinalizer,
      isThere: () => this.hasEnding((one) => names.includes(routeName(one))),
    });
    await this.kubectl.run(['apply', '-f', '-'], toYaml(lost));
  }

  /** Takes a version's own routes away, and waits for their end: kubectl by itself would do so for a week, and say nothing. @throws as `awaitRemoval` */
  async removeRoutes(version: string): Promise<boolean> {
    if (!this.template.dialect) return false;
    const ofVersion = `${this.selector},version=${version}`;
    const order = ['delete', this.kind, '-l', ofVersion, '--ignore-not-found', '--wait=false'];
    const removed = await this.kubectl.run(order);
    if (removed.trim() === '' || removed.startsWith('No resources')) return false;
    await awaitRemoval({
      what: `routes of ${version}`,
      why: heldByFinalizer,
      // One that somebody made anew meanwhile, as by a rollback, would be waited for in vain.
      isThere: () => this.hasEnding(({ metadata }) => metadata.labels?.version === version),
    });
    return true;
  }

  async hasRoutes(version: string): Promise<boolean> {
    if (!this.template.dialect) return false;
    const ofVersion = `${this.selector},version=${version}`;
    return (await this.kubectl.run(['get', this.kind, '-l', ofVersion, '-o', 'name'])).trim() !== '';
  }

  /** In sentences: where the routes say something else than the table, and which of them a Gateway does not take. */
  async findProblems(table: ReleaseTable): Promise<string[]> {
    const wanted = renderRoutes(this.template, table);
    if (wanted.length === 0) return [];
    let items = await this.listRoutes();
    if (items.some((route) => refusals(route).length > 0)) {
      // It may be of the moment before.
      await sleep(this.lookAgainMs);
      items = await this.listRoutes();
    }
    const problems = wanted
      .filter((route) => !items.some((found) => agrees(route, found)))
      .map((route) => `The ${route.kind} ${route.metadata.name} says something else than the table.`);
    const isWanted = (found: Route): boolean => wanted.some((route) => routeName(route) === routeName(found));
    for (const route of items.filter(isWanted)) {
      if (isEnding(route))
        problems.push(`The ${route.kind} ${routeName(route)} is being deleted, and the table asks for it.`);
      problems.push(...refusals(route));
    }
    for (const name of await this.staleObjects(wanted)) problems.push(`The table knows nothing of ${name}.`);
    return problems;
  }

  /** In sentences: what the dialect in use can't say of the table. */
  dialectLimits(table: ReleaseTable): string[] {
    return this.template.dialect ? limitsOf(this.template.dialect, table) : [];
  }

  /** In sentences: what a change to another dialect left in the cluster, which nobody changes any more. */
  async leftovers(): Promise<string[]> {
    if (!this.template.dialect) return [];
    const other = this.kind === 'httproute' ? 'ingress' : 'httproute';
    const order = ['get', other, '-l', this.selector, '-o', 'name'];
    // Not every cluster knows the kind.
    const names = (await this.kubectl.run(order).catch(() => '')).trim().split('\n').filter(Boolean);
    if (names.length === 0) return [];
    return [
      `The cluster has routes of another dialect too, which do not follow the table: ${names.join(', ')}. Where nobody comes by them any more: kubectl delete ${other} -l ${this.selector}.`,
    ];
  }

  private async hasEnding(isMeant: (route: Route) => boolean): Promise<boolean> {
    return (await this.listRoutes()).some((route) => isEnding(route) && isMeant(route));
  }

  private async listRoutes(): Promise<Route[]> {
    const found = await this.kubectl.run(['get', this.kind, '-l', this.selector, '-o', 'json']);
    return (JSON.parse(found) as { items: Route[] }).items;
  }

  /** As `httproute.gateway.networking.k8s.io/https-v100000`. */
  private async staleObjects(wanted: Array<{ metadata: { name: string } }>): Promise<string[]> {
    const names = await this.kubectl.run(['get', this.kind, '-l', this.selector, '-o', 'name']);
    const known = new Set(wanted.map(({ metadata }) => metadata.name));
    return names
      .trim()
      .split('\n')
      .filter((name) => name !== '' && !known.has(name.split('/')[1] ?? ''));
  }

  private get kind(): string {
    return this.template.dialect === 'gateway' ? 'httproute' : 'ingress';
  }

  private get selector(): string {
    return `app=https,env=${this.template.env}`;
  }
}
