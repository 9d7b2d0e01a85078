import type { ReleaseTable } from '@ccgame/releases';
import { serverTypesOf } from '@ccgame/testing';
import type { MemberReport } from '../../dev/fleet-member.js';
import type { DeployOptions, ReleaseTarget, ServerCount, Servers, StartProblem } from './target.js';

/** The processes that `npm start` runs on this machine. */
export class DevTarget implements ReleaseTarget {
  readonly serverTypes: readonly string[];
  /** Nothing runs by a schedule here. */
  readonly jobTypes: readonly string[] = [];

  /** @param root the checkout */
  constructor(
    private readonly controlUrl: string,
    root: string,
  ) {
    this.serverTypes = serverTypesOf(root);
  }

  async start(version: string, { only }: DeployOptions): Promise<void> {
    await this.callControl('POST', `/versions/${version}`, { types: only });
  }

  async startProblems(version: string): Promise<StartProblem[]> {
    const crashed = (await this.reports()).filter(
      (one) => one.version === version && one.crash !== undefined,
    );
    return crashed.map(({ serverId, crash }) => ({ name: serverId, reason: `it died (${crash})` }));
  }

  async lastWords(serverId: string): Promise<string> {
    return (await this.reports()).find((one) => one.serverId === serverId)?.lastWords ?? '';
  }

  async stop(version: string): Promise<void> {
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
