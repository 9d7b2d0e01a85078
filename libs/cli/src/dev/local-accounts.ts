import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsProblem } from '@ccgame/testing';
import { parseAllDocuments } from 'yaml';

const manifest = 'k8s/nats/accounts/accounts.yaml';
const operator = 'operator';

/** The cluster's NATS users on this machine, so that what is forbidden there is forbidden here. */
export class LocalAccounts {
  private readonly password = randomBytes(16).toString('hex');

  private constructor(private readonly text: string) {}

  /** Undefined: the repository has no manifests. @throws NatsProblem when they hold no accounts */
  static ofRepository(root: string): LocalAccounts | undefined {
    const path = join(root, manifest);
    if (!existsSync(path)) return undefined;
    const maps = parseAllDocuments(readFileSync(path, 'utf8')).map(
      (one) => one.toJS() as { data?: Record<string, string> },
    );
    const text = maps.find(({ data }) => data?.['accounts.conf'])?.data?.['accounts.conf'];
    if (text === undefined) throw new NatsProblem(`${manifest} holds no accounts.conf.`);
    return new LocalAccounts(text);
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

  /** @throws NatsProblem when the accounts have no such user */
  addressOf(port: number, user = operator): string {
    if (!new RegExp(`\\{ user: ${user},`).test(this.text))
      throw new NatsProblem(
        `${manifest} has no user ${user}: "ccgame new server" writes one for a server type.`,
      );
    return `nats://${user}:${this.password}@127.0.0.1:${port}`;
  }
}
