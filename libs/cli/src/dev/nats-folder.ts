import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsProblem, type NatsServer, probeNats } from '@ccgame/testing';
import { isAlive } from './is-alive.js';

/** The process that works on a folder of JetStream files; two servers on one would spoil it. */
interface FolderUser {
  launcherPid: number;
  serverPid: number;
  port: number;
  /** Tells this server from another one that came to its port later. */
  serverId: string;
}

const goneWithinMs = 5000;

/** The folder of the launcher's own nats-server: `.ccgame/nats`. */
export class NatsFolder {
  constructor(readonly path: string) {}

  /**
   * Makes the folder free to use: stops the server of a launcher that was killed a moment ago.
   *
   * @throws NatsProblem while another launcher uses it.
   */
  async acquireFolder(): Promise<void> {
    mkdirSync(this.path, { recursive: true });
    const user = this.readUser();
    if (!user || !(await isServing(user))) return;
    if (isAlive(user.launcherPid)) throw NatsProblem.takenBy(user.launcherPid);
    process.kill(user.serverPid, 'SIGTERM');
    const deadline = Date.now() + goneWithinMs;
    while (Date.now() < deadline && (await isServing(user)))
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async noteServer(server: NatsServer): Promise<void> {
    const { server_id: serverId } = await probeNats('127.0.0.1', server.port);
    const user = { launcherPid: process.pid, serverPid: server.pid, port: server.port, serverId };
    writeFileSync(this.userFile, JSON.stringify(user));
  }

  releaseFolder(): void {
    rmSync(this.userFile, { force: true });
  }

  private get userFile(): string {
    return join(this.path, 'user.json');
  }

  private readUser(): FolderUser | undefined {
    try {
      return JSON.parse(readFileSync(this.userFile, 'utf8')) as FolderUser;
    } catch {
      return undefined;
    }
  }
}

async function isServing({ port, serverId }: FolderUser): Promise<boolean> {
  const greeting = await probeNats('127.0.0.1', port).catch(() => undefined);
  return greeting?.server_id === serverId;
}
