import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseNatsAddress } from '@ccgame/config';
import { type AddedSecrets, addSecrets } from './add-secrets.js';
import { secretsCommand } from './command.js';
import { newSecrets } from './new-secrets.js';

const example = readFileSync('k8s/secrets/example-secrets.yaml', 'utf8');
/** As it was before the server type matching. */
const older = newSecrets(example.replaceAll(/^.*matching.*\n/gim, ''));

const addTo = (text: string): AddedSecrets =>
  addSecrets({ file: 'own.yaml', text }, { file: 'example.yaml', text: example });

type Values = Record<string, Record<string, string>>;

/** By Secret and key. */
function valuesIn(text: string): Values {
  const secrets = parseAllDocuments(text).map(
    (one) => one.toJS() as { metadata: { name: string }; stringData: Record<string, string> },
  );
  return Object.fromEntries(secrets.map(({ metadata, stringData }) => [metadata.name, stringData]));
}

function passwordsIn(values: Values): Map<string, string> {
  const lines = (values['nats-passwords']?.['passwords.conf'] ?? '').trimEnd().split('\n');
  return new Map(lines.map((line) => line.split(': ') as [string, string]));
}

const matching = [
  'nats-address: matching',
  'nats-passwords: PASSWORD_MATCHING',
  'nats-passwords: NEXT_MATCHING',
];

describe('secrets that a later server type needs', () => {
  const [before, { text, added }] = [valuesIn(older), addTo(older)];
  const after = valuesIn(text);

  it('are added at random, and the same in the address and in what NATS reads', () => {
    expect(added).toEqual(matching);
    const { user, pass = '' } = parseNatsAddress(after['nats-address']?.matching ?? '');
    expect([user, pass]).toEqual(['matching', passwordsIn(after).get('PASSWORD_MATCHING')]);
    expect(pass).toMatch(/^[A-Za-z][A-Za-z0-9]{31}$/);
    expect(text).not.toContain('example-');
  });

  it('leave all others as they are', () => {
    expect(passwordsIn(before).size).toBeGreaterThan(10);
    for (const [name, value] of passwordsIn(before))
      expect([name, passwordsIn(after).get(name)]).toEqual([name, value]);
    const { 'nats-passwords': _, ...others } = before;
    expect(after).toMatchObject(others);
    expect(after['nats-passwords']?.['routes.conf']).toBe(before['nats-passwords']?.['routes.conf']);
  });

  it('are all that NATS asks for', () => {
    const accounts = readFileSync('k8s/nats/accounts/accounts.yaml', 'utf8');
    const asked = [...accounts.matchAll(/password: \$(\w+)/g)].map(([, name]) => name);
    expect(asked.length).toBeGreaterThan(10);
    expect([...passwordsIn(after).keys()]).toEqual(expect.arrayContaining(asked));
  });

  it('are none where nothing is lacking', () => {
    expect(addTo(text)).toEqual({ text, added: [] });
  });

  it('are those that are there already in another place', () => {
    const half = text.replace(/^ +matching: .*\n/m, '');
    const whole = addTo(half);
    expect(whole.added).toEqual(['nats-address: matching']);
    expect(valuesIn(whole.text)['nats-address']?.matching).toBe(after['nats-address']?.matching);
  });

  it('are added to what the cluster has', () => {
    const items = Object.entries(before).map(([name, values]) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name, namespace: 'game', resourceVersion: '7', uid: 'u-1' },
      data: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    }));
    const list = addTo(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect(list.added).toEqual(matching);
    expect(list.text).not.toContain('resourceVersion');
    expect(valuesIn(list.text)).toMatchObject(
      before['nats-address'] ? { 'nats-address': before['nats-address'] } : {},
    );
    expect(passwordsIn(valuesIn(list.text)).get('PASSWORD_HTTP')).toBe(
      passwordsIn(before).get('PASSWORD_HTTP'),
    );
  });

  it('are never one half of the key of players’ tokens', () => {
    const half = older.replace(/^ +public-keys: .*\n/m, '  other: x\n');
    expect(() => addTo(half)).toThrow('"ccgame token-key" makes both');
  });

  it.each([
    ['', 'there is no Secret in it'],
    ['null', 'there is no Secret in it'],
    ['5', 'one of its objects has no metadata.name'],
    ['kind: Secret', 'one of its objects has no metadata.name'],
    ['kind: List\nitems: [5]', 'one of its objects has no metadata.name'],
    [`${'<'.repeat(7)} HEAD\nkind: Secret\n${'='.repeat(7)}\n`, 'Implicit keys need to be on a single line'],
    ['kind: Secret\nmetadata: { name: a }\nstringData: 5', 'the values of a are no texts'],
    ['kind: Secret\nmetadata: { name: a }\nstringData: { b: 5 }', 'the values of a are no texts'],
    ['kind: Secret\nmetadata: { name: a }\ndata: [b]', 'the values of a are no texts'],
  ])('are not made for a file that holds something else: %j', (broken, reason) => {
    expect(() => addTo(broken)).toThrow(`own.yaml can't be read: ${reason}`);
  });

  it('are written into the file by a command, for its owner alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-secrets-'));
    const file = join(folder, 'secrets.yaml');
    writeFileSync(file, older, { mode: 0o644 });
    const said = jest.spyOn(console, 'log').mockImplementation();
    const add = (): Promise<unknown> =>
      secretsCommand().parseAsync(['add', '--file', file], { from: 'user' });
    await add();
    expect(said).toHaveBeenLastCalledWith(expect.stringContaining('  nats-passwords: PASSWORD_MATCHING\n'));
    // The runbook changes passwords in the cluster, where the file may be older than it.
    const all = Object.keys(before).join(' ');
    expect(said).toHaveBeenLastCalledWith(
      expect.stringContaining(`kubectl get secret ${all} -o yaml > ${file}`),
    );
    expect(valuesIn(readFileSync(file, 'utf8'))['nats-address']).toMatchObject(before['nats-address'] ?? {});
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await add();
    expect(said).toHaveBeenLastCalledWith(`${file} lacks nothing.`);
    said.mockRestore();
    rmSync(folder, { recursive: true });
  });
});
