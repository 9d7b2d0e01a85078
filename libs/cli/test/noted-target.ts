import { versionName } from '@ccgame/config';
import type { ReleaseTable } from '@ccgame/releases';
import type { ReleaseTarget, ServerInstance } from '../src/release/targets/target.js';

/** A server that runs. */
export const instance = (version: string): ServerInstance => ({
  serverId: `http-dev-${versionName(version)}-0`,
  serverType: 'http',
  version,
  state: 'running',
  isReady: false,
  stopMs: 1_000,
});

/** A place with routes and servers, which notes what it is told. */
export class NotedTarget implements ReleaseTarget {
  readonly serverTypes = ['http'];
  readonly jobTypes: readonly string[] = [];
  readonly told: string[] = [];
  routes?: ReleaseTable;
  instances: ServerInstance[] = [];
  /** Called before the routes are set. */
  beforeFollow: () => Promise<void> = () => Promise.resolve();
  /** Called when the routes of a version are gone. */
  whenUnrouted: () => Promise<void> = () => Promise.resolve();

  async follow(table: ReleaseTable): Promise<void> {
    await this.beforeFollow();
    this.told.push('follow');
    this.routes = table;
  }
  prepareCode = (): Promise<readonly string[]> => Promise.resolve(this.serverTypes);
  start(version: string): Promise<void> {
    this.told.push(`start ${version}`);
    this.instances = [instance(version)];
    return Promise.resolve();
  }
  async stop(version: string, beforeServers?: () => Promise<void>): Promise<void> {
    await this.whenUnrouted();
    await beforeServers?.();
    this.told.push(`stop ${version}`);
    this.instances = [];
  }
  servers = () => Promise.resolve({ counts: [], instances: this.instances });
  startProblems = () => Promise.resolve([{ name: 'http-dev-v100001-0', reason: 'it died' }]);
  lastWords = () => Promise.resolve('');
  routeProblems = () => Promise.resolve([]);
  routeLimits = () => Promise.resolve([]);
}
