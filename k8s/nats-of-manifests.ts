import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { tlsOptions } from '@ccgame/nats';
import { findNats, freePort, NatsServer, untilHolds } from '@ccgame/testing';
import { parse } from 'yaml';
import { readManifests } from './read-manifests.js';

const run = promisify(execFile);

/** A server type, `cron`, or `operator`. */
export type User = string;

/** Real NATS servers with the configuration of `k8s/nats/<kind>`; each user's name is its password. */
export class NatsOfManifests {
  private readonly open: NatsConnection[] = [];

  private constructor(
    private readonly binary: string,
    private readonly folder: string,
    /** One, or the three of the cluster. */
    readonly servers: NatsServer[],
    /** The ports that the servers of a cluster talk to each other through. */
    readonly routes: number[],
    private readonly tls?: string,
  ) {}

  /** @param options changes of the accounts, and whether the log shows every message */
  static async start(kind: 'single' | 'cluster', options: ManifestOptions = {}): Promise<NatsOfManifests> {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    if (source.kind !== 'binary') throw new Error('The test needs a nats-server binary.');
    const root = mkdtempSync(join(tmpdir(), 'ccgame-nats-of-manifests-'));
    const routes = await Promise.all((kind === 'single' ? [0] : [0, 1, 2]).map(() => freePort()));
    const servers = await Promise.all(
      routes.map((_, index) => {
        const folder = join(root, `nats-${index}`);
        mkdirSync(folder);
        const accounts = options.change?.(readAccounts()) ?? readAccounts();
        writeFileSync(join(folder, 'accounts.conf'), accounts);
        writeFileSync(join(folder, 'passwords.conf'), passwords(accounts));
        writeFileSync(join(folder, 'routes.conf'), localRoutes(routes));
        for (const file of ['tls.conf', 'routes-tls.conf'])
          writeFileSync(join(folder, file), options.tls ? tlsFile(file, options.tls) : '');
        const configuration = (port: number): string =>
          (options.isTraced ? 'debug: true\ntrace: true\n' : '') +
          localConfiguration(kind, { index, port, folder, routes });
        // As startNats has it.
        return NatsServer.start({ binary: source.path, folder, configuration, env: { GOGC: '400' } });
      }),
    );
    const nats = new NatsOfManifests(source.path, root, servers, routes, options.tls);
    await nats.untilStorageWorks();
    return nats;
  }

  /** The NATS_ADDRESS of a server of this type. */
  addressOf(user: User): string {
    return this.servers.map(({ port }) => `nats://${user}:${user}@127.0.0.1:${port}`).join(',');
  }

  /** A connection of this user's; `close` ends it. @param servers all when left out */
  async as(user: User, servers = this.servers): Promise<NatsConnection> {
    const connection = await connect({
      servers: servers.map(({ port }) => `127.0.0.1:${port}`),
      user,
      pass: user,
      tls: tlsOptions(false, this.tls && join(this.tls, 'ca.crt')),
      inboxPrefix: `_INBOX.${user}`,
      // All on one of them, while it is there: between servers a subscription takes a moment to be known.
      noRandomize: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    this.open.push(connection);
    return connection;
  }

  /** As `nats-server --signal reload` in each pod, one after the other: each reads its files again. */
  async reload(): Promise<void> {
    for (const server of this.servers) {
      const before = reloadsOf(server);
      process.kill(server.pid ?? 0, 'SIGHUP');
      await untilHolds(() => reloadsOf(server) > before);
    }
  }

  /** As a pod of the cluster that is to go: its preStop, on this server in the place of the container's first process. Resolves when that has ended. */
  async stopByPreStop(server: NatsServer): Promise<void> {
    const ended = new Promise((resolve) => server.onCrash(resolve));
    const args = preStopOfCluster().slice(1);
    await run(
      this.binary,
      args.map((arg) => arg.replace(/=1$/, `=${server.pid}`)),
    );
    await ended;
  }

  /** Resolves when each server of a cluster hands to each other what is published at it. */
  async untilRouted(): Promise<void> {
    const ends = await Promise.all(this.servers.map((server) => this.as('operator', [server])));
    const heard = new Set<string>();
    for (const [to, end] of ends.entries()) {
      end.subscribe(`routed.${to}`, {
        callback: (_, { data }) => void heard.add(`${data.toString()} ${to}`),
      });
      await end.flush();
    }
    await untilHolds(() => {
      for (const [from, end] of ends.entries())
        for (const to of ends.keys()) end.publish(`routed.${to}`, String(from));
      return heard.size === ends.length ** 2;
    });
    await Promise.all(ends.map((end) => end.close()));
  }

  /** The servers of a cluster choose a leader for JetStream first. */
  private async untilStorageWorks(): Promise<void> {
    const operator = await this.as('operator');
    const ask = (): Promise<JetStreamManager> => jetstreamManager(operator, { timeout: 500 });
    while (!(await ask().catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((connection) => connection.close()));
    await Promise.all(this.servers.map((server) => server.destroy()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const reloadsOf = ({ folder }: NatsServer): number =>
  readFileSync(join(folder, 'nats.log'), 'utf8').split('Reloaded server configuration').length - 1;

export interface ManifestOptions {
  /** Gets `accounts.conf` and gives the one to use. */
  change?: (accounts: string) => string;
  isTraced?: boolean;
  /** With the component `nats/tls`: the folder with what its Secret has. */
  tls?: string;
}

interface Place {
  index: number;
  port: number;
  folder: string;
  /** The ports that the servers of a cluster talk to each other through. */
  routes: number[];
}

/** The configuration of the manifest, with this machine's ports and folders in place of the pods'; all else stays as it is. */
function localConfiguration(kind: string, { index, port, folder, routes }: Place): string {
  return fileOf(`${kind}/nats.yaml`, 'nats.conf')
    .replace('$POD_NAME', `nats-${index}`)
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace('http: 0.0.0.0:8222', '')
    .replace('0.0.0.0:6222', `127.0.0.1:${routes[index]}`)
    .replace('store_dir: /data', `store_dir: ${JSON.stringify(join(folder, 'data'))}`);
}

/** The secret's, with this machine's ports. */
function localRoutes(routes: number[]): string {
  const manifests = readManifests(join(process.cwd(), 'k8s/secrets/example-secrets.yaml'));
  const secrets = manifests as unknown as Array<{ stringData?: Record<string, string> }>;
  const text =
    secrets.find(({ stringData }) => stringData?.['routes.conf'])?.stringData?.['routes.conf'] ?? '';
  const port = (_: string, ordinal: string): string => `127.0.0.1:${routes[Number(ordinal)]}`;
  return text.replaceAll(/nats-(\d)\.nats-pods:6222/g, port);
}

/** The component's, with the folder in place of the mounted Secret. */
function tlsFile(name: string, folder: string): string {
  const { patches } = parse(readFileSync('k8s/nats/tls/kustomization.yaml', 'utf8')) as {
    patches: { patch: string }[];
  };
  const { data } = parse(patches[0]?.patch ?? '') as { data: Record<string, string> };
  return (data[name] ?? '').replaceAll('/etc/nats-tls', folder);
}

/** The password of every user that the accounts name. */
function passwords(accounts: string): string {
  const variables = accounts.match(/(?<=\$)(?:PASSWORD|NEXT)_\w+/g) ?? [];
  return variables.map((name) => `${name}: ${name.replace(/^[A-Z]+_/, '').toLowerCase()}`).join('\n');
}

/** `accounts.conf` as it is shipped. */
export const readAccounts = (): string => fileOf('accounts/accounts.yaml', 'accounts.conf');

function preStopOfCluster(): string[] {
  const manifests = readManifests(join(process.cwd(), 'k8s/nats/cluster/nats.yaml'));
  const pods = manifests.find(({ kind }) => kind === 'StatefulSet') as unknown as {
    spec: {
      template: { spec: { containers: { lifecycle: { preStop: { exec: { command: string[] } } } }[] } };
    };
  };
  return pods.spec.template.spec.containers[0].lifecycle.preStop.exec.command;
}

/** A file that a ConfigMap of `k8s/nats` holds. */
function fileOf(manifest: string, name: string): string {
  const manifests = readManifests(join(process.cwd(), 'k8s/nats', manifest));
  const maps = manifests as unknown as Array<{ data?: Record<string, string> }>;
  return maps.find(({ data }) => data?.[name])?.data?.[name] ?? '';
}
