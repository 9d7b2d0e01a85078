import type { ReleaseTable } from '@ccgame/releases';
import { serverTypesOf } from '@ccgame/testing';
import type { DeployOptions, ReleaseTarget, ServerCount } from './target.js';

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

  async deploy(version: string, { only }: DeployOptions): Promise<void> {
    await this.callControl('POST', `/versions/${version}`, { types: only });
  }

  async remove(version: string): Promise<void> {
    await this.callControl('DELETE', `/versions/${version}`);
  }

  async follow({ stable, fallbacks }: ReleaseTable): Promise<void> {
    await this.callControl('PUT', '/routes', { stable, fallbacks });
  }

  async servers(): Promise<ServerCount[]> {
    return JSON.parse(await this.callControl('GET', '/servers')) as ServerCount[];
  }

  /** The launcher's edge is told at each change, and routes by what runs. */
  routeProblems(): Promise<string[]> {
    return Promise.resolve([]);
  }

  routeLimits(): Promise<string[]> {
    return Promise.resolve([]);
  }

  private async callControl(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`${this.controlUrl}${path}`, { method, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text.trim());
    return text;
  }
}
