import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats, freePort, probeNats } from '@ccgame/testing';
import { sleep } from './rpc-app.js';

/** A nats-server with JetStream whose users may not do everything; each has the password `x`. */
export class NatsWithUsers {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  /** @param users permissions by user, as NATS writes them; `{}` allows everything */
  static async start(users: Record<string, string>): Promise<NatsWithUsers> {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-nats-'));
    const port = await freePort();
    const file = join(folder, 'nats.conf');
    const list = Object.entries(users).map(
      ([user, permissions]) => `{ user: ${user}, password: x, permissions: ${permissions} }`,
    );
    writeFileSync(
      file,
      `listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(folder)} }
accounts { GAME { jetstream: enabled, users: [${list.join(', ')}] } }
`,
    );
    const binary = source.kind === 'binary' ? source.path : 'nats-server';
    const child = spawn(binary, ['-c', file], { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries++) {
      if (await probeNats('127.0.0.1', port).catch(() => undefined)) break;
      await sleep(50);
    }
    return new NatsWithUsers(child, port, folder);
  }

  addressFor(user: string): string {
    return `nats://${user}:x@127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
