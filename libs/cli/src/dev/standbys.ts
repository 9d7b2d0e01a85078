import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelsOf, type ServerStart, spawnServer } from '@ccgame/testing';

const script = fileURLToPath(new URL('../../bin/standby.mjs', import.meta.url));

/** A server that may be replaced, and so gets a process that waits to be its successor. */
export interface Replaceable {
  serverType: string;
  version: string;
  /** Addresses of the installed packages that the type loads at its start. */
  packages: readonly string[];
}

/** A process that has loaded the packages of a server type, or is about to. */
interface Standby {
  serverType: string;
  version: string;
  ordinal: number;
  /** The packages, and the variables that it was started with. */
  made: string;
  child: ChildProcess;
}

/** A process for {@link ServerProcessOptions.adopt}, with the number in its name. */
interface Taken {
  ordinal: number;
  adopt: (start: ServerStart) => ChildProcess | undefined;
}

/**
 * Processes that wait to become servers: loading the installed packages is more than half of a server's start, and is done
 * before there is a change (decision 301).
 */
export class Standbys {
  private waiting: Standby[] = [];

  /** @param inherited the variables that every server gets, as they are by now */
  constructor(
    private readonly logFolder: string,
    private readonly inherited: () => Record<string, string>,
  ) {}

  /** Numbers that are given away, of one type and version. */
  ordinalsOf(serverType: string, version: string): number[] {
    const all = this.waiting.filter((one) => one.serverType === serverType && one.version === version);
    return all.map(({ ordinal }) => ordinal);
  }

  /** Starts one. It waits until it is taken, or until this process ends. */
  add({ serverType, version, packages }: Replaceable, ordinal: number): void {
    const { serverId } = labelsOf(serverType, version, ordinal);
    const env = { ...this.inherited(), NODE_ENV: 'dev' };
    const logFile = join(this.logFolder, `${serverId}.log`);
    const child = spawnServer({ entry: script, env, logFile });
    child.send({ packages }, () => {});
    this.waiting.push({ serverType, version, ordinal, made: this.describe(packages), child });
  }

  /** Gives one that fits, which the caller makes a server of; those with other packages or variables end. */
  take({ serverType, version, packages }: Replaceable): Taken | undefined {
    const made = this.describe(packages);
    const isOfType = (one: Standby): boolean => one.serverType === serverType && one.version === version;
    this.endThose((one) => isOfType(one) && one.made !== made);
    const standby = this.waiting.find(isOfType);
    if (!standby) return undefined;
    this.waiting = this.waiting.filter((one) => one !== standby);
    const { ordinal, child } = standby;
    let isServer = false;
    const adopt = (start: ServerStart): ChildProcess | undefined => {
      // A server that dies is started again as any other.
      if (isServer || !child.connected) return undefined;
      isServer = true;
      child.send(start, () => {});
      return child;
    };
    return { ordinal, adopt };
  }

  /** Ends those of a version, or all. */
  end(version?: string): void {
    this.endThose((one) => version === undefined || one.version === version);
  }

  private endThose(isConcerned: (one: Standby) => boolean): void {
    for (const { child } of this.waiting.filter(isConcerned)) child.kill();
    this.waiting = this.waiting.filter((one) => !isConcerned(one));
  }

  private describe(packages: readonly string[]): string {
    return JSON.stringify([packages, this.inherited()]);
  }
}
