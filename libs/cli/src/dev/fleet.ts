import { type NatsUsers, type StartedServer, startServer } from '@ccgame/testing';
import type { VersionBuild } from '../versions/version-build.js';
import { FleetMember } from './fleet-member.js';
import { Standbys } from './standbys.js';

const inspectedDrainMs = 3_000;

/** The things that all servers of the launcher have in common. */
export interface FleetOptions {
  nats: NatsUsers;
  logFolder: string;
  /** Variables that all servers get, such as the public addresses. */
  env: Record<string, string>;
  /** Variables of the person's own, as they are by now. */
  inherited: () => Record<string, string>;
  /** The port of the debugger of a type's first server, by type. */
  inspectPorts: Record<string, number>;
  /** Told in one line when a server died and was started again. */
  onEvent: (line: string) => void;
}

/** By server type: the addresses of the installed packages that it loads at its start. */
export type PackagesOfTypes = ReadonlyMap<string, readonly string[]>;

/** The servers on this laptop: it starts them by type and version, restarts those that die, and stops them. */
export class Fleet {
  private readonly members: FleetMember[] = [];
  private readonly turn = new Map<string, number>();
  /** Two calls at once must not both start what is lacking. */
  private lastStart: Promise<unknown> = Promise.resolve();
  private isStopping = false;
  private readonly standbys: Standbys;

  constructor(private readonly options: FleetOptions) {
    this.standbys = new Standbys(options.logFolder, options.inherited);
  }

  listMembers(): readonly FleetMember[] {
    return this.members;
  }

  /**
   * Starts the servers of a version that are lacking and gives all of them, ready or not.
   *
   * @param wanted one entry a server
   * @param build their code; those that run already have the same, see `buildOf`
   */
  ensureServers(version: string, build: VersionBuild, wanted: string[]): Promise<FleetMember[]> {
    const starting = this.lastStart.then(() => this.startLacking(version, build, wanted));
    this.lastStart = starting.catch(() => {});
    return starting;
  }

  /** The code that a version's servers run, and have again when they are started again; undefined when none is to stay. */
  buildOf(version: string): VersionBuild | undefined {
    return this.members.findLast(({ server, isLeaving }) => server.version === version && !isLeaving)?.build;
  }

  /**
   * Starts a server of another build in the place of each one of these types and versions. It takes over when it is ready, and
   * the one before it drains then.
   *
   * @param packages by server type, see {@link prepareReplacements}
   * @returns once all of them serve
   * @throws Error with the end of the log of one that doesn't start: the one before it serves on
   */
  async replaceServers(
    build: VersionBuild,
    versions: string[],
    types: string[],
    packages: PackagesOfTypes,
  ): Promise<void> {
    const starting = this.lastStart.then(() => this.startReplacements(build, versions, types, packages));
    this.lastStart = starting.catch(() => {});
    const pairs = await starting;
    const replaced = await Promise.allSettled(pairs.map(([old, next]) => this.takeOver(old, next)));
    const failed = replaced.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason as Error;
  }

  /** Has a process ready to take the place of each server of these versions, with what its type loads. */
  prepareReplacements(versions: string[], packages: PackagesOfTypes): void {
    if (this.isStopping) return;
    for (const { server, inspectPort, isLeaving } of this.members) {
      const { serverType, version } = server;
      // The port of a debugger shows the file that Node was started with.
      if (!versions.includes(version) || inspectPort !== undefined || isLeaving) continue;
      const wanted = this.staying(serverType, version).length;
      if (this.standbys.ordinalsOf(serverType, version).length >= wanted) continue;
      const ordinal = this.freeOrdinal(serverType, version);
      this.standbys.add({ serverType, version, packages: packages.get(serverType) ?? [] }, ordinal);
    }
  }

  /** Stops a version's servers, which drain first, all at once. */
  async stopVersion(version: string): Promise<void> {
    this.standbys.end(version);
    const leaving = this.members.filter((member) => member.server.version === version);
    await Promise.all(leaving.map((member) => this.stopMember(member)));
  }

  /** Stops everything at once; a server that isn't gone after `timeoutMs` is killed. */
  async stopAll(timeoutMs: number): Promise<void> {
    this.isStopping = true;
    this.standbys.end();
    await Promise.all(this.members.map((member) => member.stop(timeoutMs)));
  }

  /** The next running server of a type and version in turn, for the edge. */
  nextServer(serverType: string, version: string): StartedServer | undefined {
    const fitting = this.members
      .filter(({ isLeaving, isIncoming }) => !isLeaving && !isIncoming)
      .map(({ server }) => server)
      .filter((one) => one.serverType === serverType && one.version === version && one.process.isRunning);
    const key = `${serverType} ${version}`;
    const turn = (this.turn.get(key) ?? 0) + 1;
    this.turn.set(key, turn);
    return fitting[turn % fitting.length];
  }

  private async startLacking(version: string, build: VersionBuild, wanted: string[]): Promise<FleetMember[]> {
    const all: FleetMember[] = [];
    for (const [index, serverType] of wanted.entries()) {
      const place = wanted.slice(0, index).filter((type) => type === serverType).length;
      const present = this.staying(serverType, version)[place];
      all.push(present ?? (await this.startMember(serverType, version, build)));
    }
    return all;
  }

  private async startMember(serverType: string, version: string, build: VersionBuild): Promise<FleetMember> {
    const member = await this.addMember(serverType, version, build);
    member.watch();
    return member;
  }

  private async startReplacements(
    build: VersionBuild,
    versions: string[],
    types: string[],
    packages: PackagesOfTypes,
  ): Promise<Array<[FleetMember, FleetMember]>> {
    const leaving = this.members.filter(
      ({ server, isLeaving, isIncoming }) =>
        versions.includes(server.version) && types.includes(server.serverType) && !isLeaving && !isIncoming,
    );
    const pairs: Array<[FleetMember, FleetMember]> = [];
    for (const old of leaving) {
      const { serverType, version } = old.server;
      pairs.push([old, await this.addMember(serverType, version, build, { old, packages })]);
    }
    return pairs;
  }

  private async takeOver(old: FleetMember, next: FleetMember): Promise<void> {
    try {
      await next.untilReady();
    } catch (error) {
      await this.stopMember(next);
      throw error;
    }
    next.watch();
    next.isIncoming = false;
    void this.stopMember(old).then(() => next.openInspector());
  }

  /** @param replaced the one whose place it is to take */
  private async addMember(
    serverType: string,
    version: string,
    build: VersionBuild,
    replaced?: { old: FleetMember; packages: PackagesOfTypes },
  ): Promise<FleetMember> {
    if (this.isStopping) throw new Error('This "npm start" is about to end.');
    const { nats, logFolder, onEvent } = this.options;
    const env = { ...this.options.env };
    if (build.revision !== undefined) env.BUILD_REVISION = build.revision;
    const inspectPort = replaced ? replaced.old.inspectPort : this.freeInspectPort(serverType);
    const packages = replaced?.packages.get(serverType);
    // A standby was started without a debugger.
    const standby =
      inspectPort === undefined && packages
        ? this.standbys.take({ serverType, version, packages })
        : undefined;
    const ordinal = standby?.ordinal ?? this.freeOrdinal(serverType, version);
    const server = await startServer({
      root: build.folder,
      serverType,
      version,
      ordinal,
      nats,
      logFolder,
      inherited: this.options.inherited,
      nodeOptions: inspectPort === undefined ? [] : [`--inspect-port=127.0.0.1:${inspectPort}`],
      env,
      adopt: standby?.adopt,
    });
    const member = new FleetMember(server, build, onEvent, inspectPort);
    member.isIncoming = replaced !== undefined;
    this.members.push(member);
    return member;
  }

  private freeInspectPort(serverType: string): number | undefined {
    const port = this.options.inspectPorts[serverType];
    return this.members.some(({ inspectPort }) => inspectPort === port) ? undefined : port;
  }

  private async stopMember(member: FleetMember): Promise<void> {
    // One that stands at a breakpoint hears nothing.
    await member.stop(member.inspectPort === undefined ? undefined : inspectedDrainMs);
    // Told twice, it is gone already: the last one of the list is another server.
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
  }

  private staying(serverType: string, version: string): FleetMember[] {
    return this.members.filter(
      ({ server, isLeaving }) => server.serverType === serverType && server.version === version && !isLeaving,
    );
  }

  /** The lowest that no server has, not even one that still drains or waits to be one. */
  private freeOrdinal(serverType: string, version: string): number {
    const servers = this.members
      .filter(({ server }) => server.serverType === serverType && server.version === version)
      .map(({ server }) => server.ordinal);
    const taken = [...servers, ...this.standbys.ordinalsOf(serverType, version)];
    let ordinal = 0;
    while (taken.includes(ordinal)) ordinal += 1;
    return ordinal;
  }
}
