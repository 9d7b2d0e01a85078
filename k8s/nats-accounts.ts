import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { findNats, freePort, probeNats } from '#testing';
import { readManifests } from '../cli/src/release/render/manifests.js';

export type User = 'http' | 'connector' | 'matching' | 'cron' | 'operator';

const users: User[] = ['http', 'connector', 'matching', 'cron', 'operator'];

/** A real NATS server with the configuration of `k8s/nats/<kind>`, each user's password being his name. */
export class AccountsServer {
  private readonly open: NatsConnection[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(kind: 'single' | 'cluster'): Promise<AccountsServer> {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    if (source.kind !== 'binary') throw new Error('The test needs a nats-server binary.');
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-accounts-'));
    const port = await freePort();
    const file = join(folder, 'nats.conf');
    writeFileSync(file, localConfiguration(kind, port, folder));
    writeFileSync(join(folder, 'accounts.conf'), fileOf('accounts/accounts.yaml', 'accounts.conf'));
    const passwords = users.flatMap((user) => [
      `PASSWORD_${user.toUpperCase()}: ${user}`,
      `NEXT_${user.toUpperCase()}: ${user}`,
    ]);
    writeFileSync(join(folder, 'passwords.conf'), passwords.join('\n'));
    const env = { ...process.env, POD_NAME: 'nats-0' };
    const child = spawn(source.path, ['-c', file], { env, stdio: 'ignore' });
    for (let tries = 0; ; tries += 1) {
      if (await probeNats('127.0.0.1', port, 1000).catch(() => undefined)) break;
      if (tries > 200 || child.exitCode !== null) throw new Error('nats-server refuses the configuration');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new AccountsServer(child, folder, port);
  }

  /** A connection of this user's; `close` ends it. */
  async as(user: User): Promise<NatsConnection> {
    const connection = await connect({
      servers: `127.0.0.1:${this.port}`,
      user,
      pass: user,
      inboxPrefix: `_INBOX.${user}`,
    });
    this.open.push(connection);
    return connection;
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((connection) => connection.close()));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The configuration of the manifest, on 127.0.0.1 and as one server; accounts and permissions stay as they are. */
function localConfiguration(kind: string, port: number, folder: string): string {
  return fileOf(`${kind}/nats.yaml`, 'nats.conf')
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace('http: 0.0.0.0:8222', '')
    .replace(/cluster \{[^}]*\}/, '')
    .replace('store_dir: /data', `store_dir: ${JSON.stringify(join(folder, 'data'))}`)
    .replace('20G', '1G');
}

/** A file that a ConfigMap of `k8s/nats` holds. */
function fileOf(manifest: string, name: string): string {
  const manifests = readManifests(join(process.cwd(), 'k8s/nats', manifest));
  const maps = manifests as unknown as Array<{ data?: Record<string, string> }>;
  return maps.find(({ data }) => data?.[name])?.data?.[name] ?? '';
}
