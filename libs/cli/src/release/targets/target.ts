import type { ReleaseTable } from '@ccgame/releases';

/** The code of a new version, and which of its servers start. */
export interface DeployOptions {
  /** On a laptop the git ref or the folder of its code; what is built in the game's folder when left out. */
  from?: string;
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

/**
 * `absent`: none of its processes runs, as before it is placed or between two crashes. `starting`: it runs and was never ready
 * since. `running`: it may hold players, ready or not. `leaving`: it was told to stop and may still hold players.
 */
export type ServerState = 'absent' | 'starting' | 'running' | 'leaving';

/** One server as the place where it runs knows it. */
export interface ServerInstance {
  serverId: string;
  serverType: string;
  version: string;
  state: ServerState;
  isReady: boolean;
  /** The id of its process, where it runs on this machine. */
  pid?: number;
  /** The UID of its pod; left out where servers run from no image, which would tell its build. */
  podUid?: string;
  /** The longest that its stop may take once it is told to, ms. */
  stopMs: number;
  /** The machine that it runs on, where that one doesn't answer any more. */
  lostNode?: string;
}

/** The servers that run at one moment. Processes that run a job and end are no servers. */
export interface Servers {
  counts: ServerCount[];
  instances: ServerInstance[];
  /** The place did not answer: more servers may run than these, and nobody knows which are silent. */
  isUnseen?: boolean;
}

/** Why a server, or a workload without servers, is not ready, in the words of the place where it should run. */
export interface StartProblem {
  name: string;
  reason: string;
  /** For how long it may last, ms, where it is not the servers' own and takes its time: it is told each minute. The patience with servers when left out. */
  mayLastMs?: number;
}

/** Where servers run. The release table says what should be; a target makes it so. */
export interface ReleaseTarget {
  /** The types of the servers that one version has. */
  readonly serverTypes: readonly string[];
  /** Those that only run jobs by a schedule: deployed with a version, but nobody calls them. */
  readonly jobTypes: readonly string[];
  /**
   * Makes the code of a version ready, before anything is changed. Gives the server types that it has.
   *
   * @throws Error in a sentence when it can't be had
   */
  prepareCode(version: string, options: DeployOptions): Promise<readonly string[]>;
  /**
   * Lets the servers of a version start beside the others and doesn't wait for them. Servers that run already are left alone.
   *
   * @param table in force: the version should bear what its stable version does; none before the first one
   */
  start(version: string, options: DeployOptions, table?: ReleaseTable): Promise<void>;
  /** Why the servers of a version are not ready. Nothing is said of one that merely needs its time. */
  startProblems(version: string): Promise<StartProblem[]>;
  /** The last lines that a server printed; of one that crashed, before that. Empty where nothing is known. */
  lastWords(serverId: string): Promise<string>;
  /**
   * Tells a version's servers to stop, takes away all else that belongs to it, and doesn't wait for their drain.
   *
   * @param beforeServers called when its routes are gone; the servers run on where it throws
   */
  stop(version: string, beforeServers?: () => Promise<void>): Promise<void>;
  /** The servers that run now. */
  servers(): Promise<Servers>;
  /** Lets the routes of clients that name no version, and the jobs that run by a schedule, follow the table. */
  follow(table: ReleaseTable): Promise<void>;
  /** In sentences: where the routes and jobs say something else than the table. */
  routeProblems(table: ReleaseTable): Promise<string[]>;
  /** In sentences: what the routes can't say of the table. */
  routeLimits(table: ReleaseTable): Promise<string[]>;
}
