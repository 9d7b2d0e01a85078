import type { ReleaseTable } from '@ccgame/releases';
import type { ReadyPod } from '../builds.js';

export interface DeployOptions {
  /** The image of the new version; the one in the manifests, with the version as its tag, when left out. */
  image?: string;
  /** Server types; all when left out. */
  only?: string[];
  /** The commit that its image was built of, or the beginning of it; any when left out. */
  commit?: string;
}

/** Servers of one type and version: how many there should be, and how many of them are ready for players. */
export interface ServerCount {
  serverType: string;
  version: string;
  wanted: number;
  ready: number;
}

/** Where servers run. The release table says what should be; a target makes it so. */
export interface ReleaseTarget {
  /** The types of the servers that one version has. */
  readonly serverTypes: readonly string[];
  /** Those that only run jobs by a schedule: deployed with a version, but nobody calls them. */
  readonly jobTypes: readonly string[];
  /** Starts the servers of a version beside the others and resolves when all are ready. */
  deploy(version: string, options: DeployOptions): Promise<void>;
  /** Stops a version's servers, which drain, and removes all that belongs to it. */
  remove(version: string): Promise<void>;
  /** The servers of a version that run from an image, which tells its build; undefined where servers run from none. */
  readyPods?(version: string): Promise<ReadyPod[]>;
  /** The versions and types that run now. */
  servers(): Promise<ServerCount[]>;
  /** Lets the routes of clients that name no version, and the jobs that run by a schedule, follow the table. */
  follow(table: ReleaseTable): Promise<void>;
  /** In sentences: where the routes and jobs say something else than the table. */
  routeProblems(table: ReleaseTable): Promise<string[]>;
  /** In sentences: what the routes can't say of the table. */
  routeLimits(table: ReleaseTable): Promise<string[]>;
}
