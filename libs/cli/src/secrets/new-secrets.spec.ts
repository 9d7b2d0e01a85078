import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { parseAllDocuments } from 'yaml';
import { loadConfig, parseNatsAddress } from '@ccgame/config';
import { findNats, NatsServer } from '@ccgame/testing';
import { secretsCommand } from './command.js';
import { newSecrets } from './new-secrets.js';

const example = readFileSync('k8s/secrets/example-secrets.yaml', 'utf8');

interface Secret {
  kind: string;
  metadata: { name: string };
  stringData: Record<string, string>;
}

const parse = (text: string): Secret[] => parseAllDocuments(text).map((one) => one.toJS() as Secret);
const dataOf = (secrets: Secret[], name: string): Record<string, string> =>
  secrets.find(({ metadata }) => metadata.name === name)?.stringData ?? {};

describe('new secrets', () => {
  const text = newSecrets(example);
  const secrets = parse(text);

  it('are the Secrets of the example with other values, each time others', () => {
    const shape = (all: Secret[]) =>
      all.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)]);
    expect(shape(secrets)).toEqual(shape(parse(example)));
    expect(text).not.toContain('example-');
    const values = (all: string): string[] => all.match(/\b[A-Za-z][A-Za-z0-9]{31}\b/g) ?? [];
    const again = new Set(values(newSecrets(example)));
    expect(values(text).length).toBeGreaterThan(10);
    expect(values(text).filter((value) => again.has(value))).toEqual([]);
  });

  it('are taken by servers in production, and those of the example are not', () => {
    const environment = (from: Secret[]): Record<string, string | undefined> => ({
      NODE_ENV: 'production',
      TOKEN_SIGNING_KEY: dataOf(from, 'game-secrets')['token-signing-key'],
      TOKEN_PUBLIC_KEYS: dataOf(from, 'token-keys')['public-keys'],
      SERVER_KEY: dataOf(from, 'game-secrets')['server-key'],
    });
    for (const address of Object.values(dataOf(secrets, 'nats-address')))
      loadConfig({ ...environment(secrets), NATS_ADDRESS: address }, 'http');
    for (const address of Object.values(dataOf(parse(example), 'nats-address')))
      expect(() => loadConfig({ ...environment(secrets), NATS_ADDRESS: address }, 'http')).toThrow(
        'NATS_ADDRESS',
      );
    const published = environment(parse(example));
    expect(() => loadConfig(published, 'http')).toThrow(/TOKEN_SIGNING_KEY.*\n.*TOKEN_PUBLIC_KEYS/);
    const { SERVER_KEY } = published;
    expect(() => loadConfig({ ...environment(secrets), SERVER_KEY }, 'http')).toThrow('SERVER_KEY');
  });

  it('let every user into a NATS server that reads them', async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    if (source.kind !== 'binary') throw new Error('The test needs a nats-server binary.');
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-secrets-'));
    const accounts = parseAllDocuments(
      readFileSync('k8s/nats/accounts/accounts.yaml', 'utf8'),
    )[0]?.toJS() as {
      data: Record<string, string>;
    };
    writeFileSync(join(folder, 'accounts.conf'), accounts.data['accounts.conf'] ?? '');
    writeFileSync(join(folder, 'passwords.conf'), dataOf(secrets, 'nats-passwords')['passwords.conf'] ?? '');
    const configuration = (port: number): string =>
      `listen: 127.0.0.1:${port}\njetstream { store_dir: ${JSON.stringify(join(folder, 'data'))} }\ninclude accounts.conf\n`;
    const server = await NatsServer.start({ binary: source.path, folder, configuration });
    try {
      for (const address of Object.values(dataOf(secrets, 'nats-address'))) {
        const { user, pass } = parseNatsAddress(address);
        const nats = await connect({ servers: `127.0.0.1:${server.port}`, user, pass, reconnect: false });
        await nats.close();
      }
    } finally {
      await server.destroy();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are written for their owner alone, never over others, and where Git does not look', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'ccgame-secrets-')), 'secrets.yaml');
    const said = jest.spyOn(console, 'log').mockImplementation();
    const make = (): Promise<unknown> => secretsCommand().parseAsync(['new', '--out', out], { from: 'user' });
    await make();
    expect(said).toHaveBeenCalledWith(expect.stringContaining(`kubectl apply -f ${out}`));
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const first = readFileSync(out, 'utf8');
    await expect(make()).rejects.toThrow('there already');
    expect(readFileSync(out, 'utf8')).toBe(first);
    said.mockRestore();
    expect(execFileSync('git', ['check-ignore', 'k8s/secrets/secrets.yaml'], { encoding: 'utf8' })).toContain(
      'secrets.yaml',
    );
  });
});
