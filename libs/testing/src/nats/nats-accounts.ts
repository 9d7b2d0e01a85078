import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foundBefore } from './found-before.js';
import { NatsProblem } from './nats-problem.js';

/** The accounts of the cluster's NATS, from the repository's folder. */
export const accountsManifest = 'k8s/nats/accounts/accounts.yaml';
const operator = 'operator';

/** A NATS whose servers connect as the user of their type. */
export interface NatsUsers {
  /** NATS_ADDRESS of the servers of a type, or of `cron`. @throws NatsProblem when there is no user for it */
  addressOf(serverType: string): string;
}

/** The cluster's NATS users on this machine, so that what is forbidden there is forbidden here. */
export class NatsAccounts {
  private readonly password = randomBytes(16).toString('hex');

  private constructor(private readonly text: string) {}

  /** Undefined: the repository has no manifests. @throws NatsProblem when they hold no accounts */
  static async ofRepository(root: string): Promise<NatsAccounts | undefined> {
    const path = join(root, accountsManifest);
    return existsSync(path) ? NatsAccounts.ofManifest(readFileSync(path, 'utf8')) : undefined;
  }

  /** @param manifest the text of an `accounts.yaml`. @throws NatsProblem when it holds no accounts */
  static async ofManifest(manifest: string): Promise<NatsAccounts> {
    const text = await foundBefore(manifest, () => readAccounts(manifest));
    if (text === '') throw new NatsProblem(`${accountsManifest} holds no accounts.conf.`);
    return new NatsAccounts(text);
  }

  /** The nats-server's configuration; the files that it includes are written into its folder, for its owner alone. */
  configure(port: number, folder: string): string {
    mkdirSync(folder, { recursive: true });
    const names = this.text.match(/(?<=\$)(?:PASSWORD|NEXT)_\w+/g) ?? [];
    const passwords = names.map((name) => `${name}: ${JSON.stringify(this.password)}\n`).join('');
    writeFileSync(join(folder, 'passwords.conf'), passwords, { mode: 0o600 });
    writeFileSync(join(folder, 'accounts.conf'), this.text);
    return [
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))}, max_file_store: 16G }`,
      'ping_interval: "1s"',
      'ping_max: 5',
      'include accounts.conf',
      '',
    ].join('\n');
  }

  /** The same, but whoever names no user is the operator: the test itself, as opposed to the servers that it starts. */
  configureForTests(port: number, folder: string): string {
    return `${this.configure(port, folder)}no_auth_user: ${operator}\n`;
  }

  /** @throws NatsProblem when the accounts have no such user */
  addressOf(port: number, user = operator): string {
    if (!new RegExp(`\\{ user: ${user},`).test(this.text))
      throw new NatsProblem(
        `${accountsManifest} has no user ${user}: "ccgame new server" writes one for a server type.`,
      );
    return `nats://${user}:${this.password}@127.0.0.1:${port}`;
  }
}

/** '' where there are none. */
async function readAccounts(manifest: string): Promise<string> {
  const { parseAllDocuments } = await import('yaml');
  const maps = parseAllDocuments(manifest).map((one) => one.toJS() as { data?: Record<string, string> });
  return maps.find(({ data }) => data?.['accounts.conf'])?.data?.['accounts.conf'] ?? '';
}
