import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseTable } from '@ccgame/releases';
import type { Manifest } from '../../render/manifest.js';
import { renderVersion } from '../../render/manifests.js';
import { renderRoutes } from '../../render/routes.js';
import { withoutScaledReplicas } from '../../render/scaled.js';
import type { Template } from '../../render/template.js';
import { awaitRemoval, longestWaitMs } from '../await-removal.js';
import { jobVersion } from '../cluster-jobs.js';
import { type KubectlTarget, routedMs } from '../kubectl-target.js';
import type { DeployOptions, ReleaseTarget, Servers, StartProblem } from '../target.js';
import { type ManifestFolder, routesFile, sharedFile, versionFile } from './manifest-folder.js';
import { printNote } from '../../print-note.js';

/** The folder that a tool applies, and the cluster that it applies it to. */
export interface FolderOptions {
  template: Template;
  /** Looked at; of it only versions that are in no file are changed. */
  cluster: KubectlTarget;
  folder: ManifestFolder;
  /** Brings a change to where the cluster's tool reads it; the sentence says what it is. */
  publish: (sentence: string) => Promise<void>;
}

/** A cluster that a tool changes from Git: what would be applied is written into a folder. */
export class FolderTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  readonly jobTypes: readonly string[];

  constructor(private readonly options: FolderOptions) {
    this.serverTypes = options.template.serverTypes;
    this.jobTypes = options.template.jobTypes;
  }

  prepareCode(version: string, options: DeployOptions): Promise<readonly string[]> {
    return this.options.cluster.prepareCode(version, options);
  }

  async start(version: string, options: DeployOptions): Promise<void> {
    const { template, cluster, folder } = this.options;
    await cluster.assertUsable();
    const manifests = withoutScaledReplicas(renderVersion(template, { version, ...options }));
    const isOfVersion = ({ metadata }: Manifest): boolean => metadata.labels?.version !== undefined;
    const before = folder.readManifests(versionFile(version));
    const own = merged(before, keepSuspended(before, manifests.filter(isOfVersion)));
    const shared = manifests.filter((one) => !isOfVersion(one));
    folder.writeManifests(versionFile(version), own);
    folder.writeManifests(sharedFile, merged(this.sharedInUse(), shared));
    if (!(await this.publishWritten(`Start ${version}`)))
      printNote(`${folder.path} has ${version} already: if it is not committed and pushed yet, do that now.`);
  }

  /**
   * Its routes go first, and its servers when the cluster has no such routes any more. It has none of its workloads either at the end.
   *
   * @throws Error where the cluster keeps them
   */
  async stop(version: string, beforeServers?: () => Promise<void>): Promise<void> {
    const { folder, cluster } = this.options;
    const routes = folder.readManifests(routesFile);
    const others = routes.filter(({ metadata }) => metadata.labels?.version !== version);
    folder.writeManifests(routesFile, others);
    const isInFile = folder.versions().includes(version);
    const isPublished = await this.publishWritten(`Take the routes of ${version} away`);
    // An earlier command may have published that, and waited in vain.
    if (isPublished || (isInFile && (await cluster.hasRoutes(version)))) await this.untilUnrouted(version);
    await beforeServers?.();
    folder.writeManifests(versionFile(version), []);
    await this.publishWritten(`Remove ${version}`);
    if (isInFile) await this.untilRemoved(version);
    else await cluster.stop(version);
  }

  /** Versions that are in no file, as they were started before there was a folder, follow at once. */
  async follow(table: ReleaseTable): Promise<void> {
    const { folder, cluster } = this.options;
    for (const [file, manifests] of this.wanted(table)) folder.writeManifests(file, manifests);
    const written = folder.versions();
    await cluster.followJobs(table, (version) => !written.includes(version));
    await this.publishWritten('Follow the release table');
  }

  async routeProblems(table: ReleaseTable): Promise<string[]> {
    const { folder, cluster } = this.options;
    const stale = this.wanted(table).filter(
      ([file, manifests]) => JSON.stringify(folder.readManifests(file)) !== JSON.stringify(manifests),
    );
    return [
      ...stale.map(
        ([file]) => `${folder.path}/${file} says something else than the table: "ccgame release follow".`,
      ),
      ...(await cluster.routeProblems(table)),
    ];
  }

  /** Also that the tool has not applied the version: nothing else says it where it was not pushed, or no tool runs. */
  async startProblems(version: string): Promise<StartProblem[]> {
    const { folder, cluster } = this.options;
    const { counts } = await cluster.servers();
    const isThere = (type: string): boolean =>
      counts.some((one) => one.version === version && one.serverType === type);
    const lacking = this.writtenTypes(version).filter((type) => !isThere(type));
    const own = await cluster.startProblems(version);
    if (lacking.length === 0) return own;
    const reason = `the cluster's tool has not applied ${folder.path}/${versionFile(version)} (is it committed and pushed, and does the tool run?)`;
    return [...own, { name: lacking.join(', '), reason, mayLastMs: longestWaitMs }];
  }

  lastWords(serverId: string): Promise<string> {
    return this.options.cluster.lastWords(serverId);
  }

  servers(): Promise<Servers> {
    return this.options.cluster.servers();
  }

  routeLimits(table: ReleaseTable): Promise<string[]> {
    return this.options.cluster.routeLimits(table);
  }

  /** The types whose servers are in the file of a version. */
  private writtenTypes(version: string): string[] {
    const types = this.options.folder
      .readManifests(versionFile(version))
      .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      .flatMap(({ metadata }) => metadata.labels?.serverType ?? []);
    return [...new Set(types)];
  }

  /** Another command that changed the table meanwhile brings the routes back: in the table the version drains until its servers are gone. */
  private async untilUnrouted(version: string): Promise<void> {
    const { cluster } = this.options;
    printNote(`Waits until the cluster has no routes of ${version} any more.`);
    await awaitRemoval({
      what: `routes of ${version}`,
      why: `${this.unapplied}, or another command wrote them there again`,
      isThere: () => cluster.hasRoutes(version),
    });
    await sleep(routedMs);
  }

  /** From then on its servers have the time that a stop may take. */
  private async untilRemoved(version: string): Promise<void> {
    await awaitRemoval({
      what: `workloads of ${version}`,
      why: `${this.unapplied}, or waits until their servers have stopped`,
      isThere: async () =>
        (await this.options.cluster.servers()).counts.some((one) => one.version === version),
    });
  }

  private get unapplied(): string {
    return `its tool has not applied ${this.options.folder.path}`;
  }

  /** Publishes what is written, also by an earlier command that failed at it. Returns whether there was anything. */
  private async publishWritten(sentence: string): Promise<boolean> {
    const { folder, publish } = this.options;
    if (!folder.isUnpublished) return false;
    await publish(sentence);
    folder.notePublished();
    return true;
  }

  /**
   * Objects that all share and that a version still names, as a ConfigMap with a hash in its name: a prune would take it from that one. The
   * version that starts is one of them: types of it that came before name what there was at their time.
   */
  private sharedInUse(): Manifest[] {
    const { folder } = this.options;
    const named = JSON.stringify(folder.versions().map((one) => folder.readManifests(versionFile(one))));
    return folder
      .readManifests(sharedFile)
      .filter(({ metadata }) => named.includes(JSON.stringify(metadata.name)));
  }

  /** The files that depend on the table, as it asks for them. */
  private wanted(table: ReleaseTable): Array<[string, Manifest[]]> {
    const { template, folder } = this.options;
    const versions = folder.versions().map((version): [string, Manifest[]] => {
      const file = versionFile(version);
      return [file, folder.readManifests(file).map((one) => suspendBy(table, one))];
    });
    return [...versions, [routesFile, renderRoutes(template, table)]];
  }
}

/** The new ones in place of those of the same kind and name. */
function merged(before: Manifest[], now: Manifest[]): Manifest[] {
  const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
  const byName = new Map([...before, ...now].map((one) => [nameOf(one), one]));
  return [...byName.values()];
}

/** A version whose jobs are active keeps them so when it is written again. */
function keepSuspended(before: Manifest[], now: Manifest[]): Manifest[] {
  return now.map((manifest) => {
    const found = before.find(
      ({ kind, metadata }) => kind === 'CronJob' && metadata.name === manifest.metadata.name,
    );
    return found ? { ...manifest, spec: { ...manifest.spec, suspend: found.spec?.suspend } } : manifest;
  });
}

function suspendBy(table: ReleaseTable, manifest: Manifest): Manifest {
  if (manifest.kind !== 'CronJob') return manifest;
  const { version, serverType = '' } = manifest.metadata.labels ?? {};
  return { ...manifest, spec: { ...manifest.spec, suspend: version !== jobVersion(table, serverType) } };
}
