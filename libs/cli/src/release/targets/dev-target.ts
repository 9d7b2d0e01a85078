import type { ReleaseTable } from '@ccgame/releases';
import { serverTypesOf } from '@ccgame/testing';
import { denialProblem } from '../../dev/denial-problem.js';
import type { MemberReport } from '../../dev/fleet-member.js';
import { assertSameCode, type StartRequest } from '../../dev/start-request.js';
import { buildSource } from '../../versions/build-source.js';
import { findSource } from '../../versions/find-source.js';
import { readBuild, type VersionBuild } from '../../versions/version-build.js';
import type { DeployOptions, ReleaseTarget, ServerCount, Servers, StartProblem } from './target.js';
import { printNote } from '../print-note.js';

/** The processes that `npm start` runs on this machine. */
export class DevTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  /** Nothing runs by a schedule here. */
  readonly jobTypes: readonly string[] = [];
  private build?: VersionBuild;

  /** @param root the checkout */
  constructor(
    private readonly controlUrl: string,
    private readonly root: string,
  ) {
    this.serverTypes = serverTypesOf(root);
  }

  async prepareCode(version: string, { from }: DeployOptions): Promise<readonly string[]> {
    const present = await this.buildOf(version);
    if (from === undefined) return present?.serverTypes ?? this.serverTypes;
    const source = await findSource(this.root, from);
    printNote(`building ${version} of ${source.revision}, unless it is built already …`);
    this.build = await buildSource(this.root, source);
    assertSameCode(this.build, present);
    return this.build.serverTypes;
  }

  async start(version: string, { only }: DeployOptions): Promise<void> {
    const asked: StartRequest = { types: only, folder: this.build?.folder };
    await this.callControl('POST', `/versions/${version}`, asked);
  }

  async startProblems(version: string): Promise<StartProblem[]> {
    const started = (await this.reports()).filter((one) => one.version === version);
    return started.flatMap(({ serverId: name, crash, denied }) => [
      ...(crash === undefined ? [] : [{ name, reason: `it died (${crash})` }]),
      ...denied.map((subject) => ({ name, reason: denialProblem(subject) })),
    ]);
  }

  async lastWords(serverId: string): Promise<string> {
    return (await this.reports()).find((one) => one.serverId === serverId)?.lastWords ?? '';
  }

  async stop(version: string, beforeServers?: () => Promise<void>): Promise<void> {
    await beforeServers?.();
    await this.callControl('DELETE', `/versions/${version}`);
  }

  async follow({ stable, fallbacks }: ReleaseTable): Promise<void> {
    await this.callControl('PUT', '/routes', { stable, fallbacks });
  }

  async servers(): Promise<Servers> {
    const instances = await this.reports();
    const counts = new Map<string, ServerCount>();
    for (const { serverType, version, isReady } of instances) {
      const key = `${serverType} ${version}`;
      const { wanted, ready } = counts.get(key) ?? { wanted: 0, ready: 0 };
      counts.set(key, { serverType, version, wanted: wanted + 1, ready: ready + Number(isReady) });
    }
    return { counts: [...counts.values()], instances };
  }

  /** The launcher's edge is told at each change, and routes by what runs. */
  routeProblems(): Promise<string[]> {
    return Promise.resolve([]);
  }

  routeLimits(): Promise<string[]> {
    return Promise.resolve([]);
  }

  /** The code of a version's servers that are to stay. */
  private async buildOf(version: string): Promise<VersionBuild | undefined> {
    const own = (await this.reports()).find((one) => one.version === version && one.state !== 'leaving');
    return own && readBuild(own.folder);
  }

  private async reports(): Promise<MemberReport[]> {
    return JSON.parse(await this.callControl('GET', '/servers')) as MemberReport[];
  }

  private async callControl(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`${this.controlUrl}${path}`, { method, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text.trim());
    return text;
  }
}
