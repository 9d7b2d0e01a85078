import { randomBytes } from 'node:crypto';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load.js';
import { environmentSchema } from './schema.js';
import { makeTokenKey } from './token-keys.js';
import { hostileNames } from '@ccgame/testing';

const { signingKey, publicKey } = makeTokenKey('one');
const publicKeys = (...keys: object[]): string => JSON.stringify({ keys });
const secrets = {
  TOKEN_SIGNING_KEY: signingKey,
  TOKEN_PUBLIC_KEYS: publicKeys(publicKey),
  SERVER_KEY: '4f1c9e07ab38d25c61e0f79b8a3d4c52',
};
const inCluster = {
  SERVER_ID: 'matching-prod-v100000-0',
  SERVER_TYPE: 'matching',
  VERSION: '1.0.0000',
  NODE_ENV: 'production',
  NATS_ADDRESS: 'nats://game:m3Vx8QpZ71LdTfKc0RwY@nats-0:4222,nats://nats-1:4222',
  ...secrets,
};

function problemsOf(variables: Record<string, string | undefined>): Record<string, string> {
  try {
    loadConfig(variables, 'local');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.variables.map(({ name, expected }) => [name, expected]));
  }
  return {};
}

describe('the configuration', () => {
  it('takes the labels that the Downward API gives', () => {
    expect(loadConfig(inCluster, 'local')).toMatchObject({
      SERVER_ID: 'matching-prod-v100000-0',
      SERVER_TYPE: 'matching',
      VERSION: '1.0.0000',
      isProduction: true,
    });
  });

  it('has sensible labels outside Kubernetes', () => {
    expect(loadConfig({}, 'http')).toMatchObject({
      SERVER_ID: 'http-local-0',
      SERVER_TYPE: 'http',
      VERSION: 'latest',
      isProduction: false,
    });
  });

  it('takes an empty variable as not given', () => {
    expect(loadConfig({ VERSION: '', HTTP_PORT: '' }, 'http')).toMatchObject({
      VERSION: 'latest',
      HTTP_PORT: 3000,
    });
  });

  it('lists every wrong variable at once, with what was expected', () => {
    const problems = problemsOf({
      ...inCluster,
      WS_TYPE: 'ws',
      HTTP_PORT: '70000',
      VERSION: 'one',
      SERVER_TYPE: 'a-b',
    });
    expect(Object.keys(problems).sort()).toEqual([
      'HTTP_PORT',
      'SERVER_ID',
      'SERVER_TYPE',
      'VERSION',
      'WS_TYPE',
    ]);
    expect(problems.WS_TYPE).toContain('socket.io');
    expect(problems.VERSION).toContain('1.0.0000');
  });

  it.each(['01.0.0000', '1.0.0', '1.0', '1.0.00000'])(
    'refuses %s as its version, as the release table does',
    (VERSION) => {
      expect(problemsOf({ ...inCluster, VERSION })).toHaveProperty('VERSION');
    },
  );

  // The SDK would take it for a namespace of socket.io.
  it.each(['PUBLIC_HTTP_URL', 'PUBLIC_WS_URL'] as const)('refuses a path in %s', (name) => {
    for (const url of ['https://play.example.com/eu', 'https://play.example.com?region=eu', 'play'])
      expect(problemsOf({ ...inCluster, [name]: url })).toHaveProperty(name);
    for (const url of ['https://play.example.com', 'https://play.example.com:443/'])
      expect(loadConfig({ ...inCluster, [name]: url }, 'http')).toMatchObject({ [name]: url });
  });

  it('refuses a socket type other than socket.io by name', () => {
    expect(() => loadConfig({ WS_TYPE: 'uws' }, 'connector')).toThrow(
      /WS_TYPE: expected "socket.io".*not "uws"/,
    );
  });

  it.each(['TOKEN_SIGNING_KEY', 'TOKEN_PUBLIC_KEYS', 'SERVER_KEY'] as const)(
    'misses %s in production where the server needs it, and nowhere else',
    (name) => {
      const without = { ...inCluster, [name]: undefined };
      expect(() => loadConfig(without, 'local', [name])).toThrow(`${name}: expected a `);
      expect(loadConfig(without, 'local')).toBeDefined();
      expect(loadConfig({}, 'local', [name])).toBeDefined();
    },
  );

  it('takes one of two variables where either is enough', () => {
    const needed = [['TOKEN_PUBLIC_KEYS', 'TOKEN_JWKS_URL']] as const;
    const accounts = {
      TOKEN_ISSUER: 'studio',
      TOKEN_AUDIENCE: 'game',
      TOKEN_JWKS_URL: 'https://id.example.com/keys',
    };
    const without = { ...inCluster, TOKEN_PUBLIC_KEYS: '' };
    expect(loadConfig({ ...without, ...accounts }, 'local', needed)).toMatchObject(accounts);
    expect(() => loadConfig(without, 'local', needed)).toThrow(
      'TOKEN_PUBLIC_KEYS: expected a value, here or in TOKEN_JWKS_URL',
    );
    expect(Object.keys(problemsOf({ ...inCluster, TOKEN_JWKS_URL: accounts.TOKEN_JWKS_URL })).sort()).toEqual(
      ['TOKEN_AUDIENCE', 'TOKEN_ISSUER'],
    );
  });

  it('refuses a header of proxies where there are none, as then no player gets in', () => {
    const header = { ...inCluster, PROXY_PROTOCOL: 'on' };
    expect(problemsOf({ ...header, TRUSTED_PROXIES: 'none' })).toEqual({
      TRUSTED_PROXIES: expect.stringContaining('networks of the balancer'),
    });
    expect(problemsOf({ ...header, TRUSTED_PROXIES: '10.0.0.0/8' })).toEqual({});
    expect(problemsOf({ ...header, PROXY_PROTOCOL: 'off', TRUSTED_PROXIES: 'none' })).toEqual({});
  });

  it('refuses a secret in production by which a server could both check and sign tokens', () => {
    expect(problemsOf({ ...inCluster, TOKEN_SECRET: 't'.repeat(32) })).toEqual({
      TOKEN_SECRET: expect.stringContaining('nothing in production'),
    });
  });

  it.each([
    ['a published example', 'example-token-secret-change-me-0000'],
    ['a published example', 'development-only-token-secret-0000'],
    ['a published example', 'Example-b7Qm2xVd90ZrLk4TnWc6HfYs8JpEa1Gu'],
    ['a published example', Buffer.from('example-server-key-b7Qm2xVd90Zr').toString('base64url')],
    ['a placeholder', 'please-change-me-before-you-go-live!'],
    ['a placeholder', 'sample-b7Qm2xVd90ZrLk4TnWc6HfYs8Jp'],
    ['a placeholder', 'our_test_key_b7Qm2xVd90ZrLk4TnWc6H'],
    ['a placeholder', 'TODO-set-this-before-the-first-release'],
    ['a placeholder', 'qwertyuiopasdfghjklzxcvbnm1234567890'],
    ['too easy to guess', 't'.repeat(64)],
    ['too easy to guess', '0123456789abcdef0123456789abcdef'],
    ['too easy to guess', 'abcdefghijklmnopqrstuvwxyz012345'],
    ['too easy to guess', 'qwertqwertqwertqwertqwertqwertqwert'],
  ])('does not start in production with %s for a secret: %s', (weakness, value) => {
    const natsAddress = `nats://game:${value}@nats-0:4222`;
    const all = { SERVER_KEY: value, NATS_ADDRESS: natsAddress };
    const refused = expect.stringContaining(weakness);
    expect(problemsOf({ ...inCluster, ...all })).toEqual({
      SERVER_KEY: refused,
      NATS_ADDRESS: refused,
    });
    expect(problemsOf({ ...inCluster, ...all, NODE_ENV: 'development' })).toEqual({});
  });

  it('takes two keys of game servers while the key is changed, and asks of each what it asks of one', () => {
    const [older, newer] = [secrets.SERVER_KEY, 'b7Qm2xVd90ZrLk4TnWc6HfYs8JpEa1Gu'];
    expect(loadConfig({ ...inCluster, SERVER_KEY: older }, 'http').SERVER_KEY).toEqual([older]);
    const both = loadConfig({ ...inCluster, SERVER_KEY: `${newer}, ${older}` }, 'http');
    expect(both.SERVER_KEY).toEqual([newer, older]);
    const problemOf = (SERVER_KEY: string): string | undefined =>
      problemsOf({ ...inCluster, SERVER_KEY }).SERVER_KEY;
    for (const wrong of [`${newer},short`, `short,${older}`, `${newer},`, `,${older}`, `${newer},,${older}`])
      expect(problemOf(wrong)).toContain('at least 32 characters');
    expect(problemOf(`${newer},${'t'.repeat(64)}`)).toContain('too easy to guess');
    expect(problemOf(`example-server-key-change-me-000000,${older}`)).toContain('a published example');
  });

  it('starts in production with what random generators make', () => {
    for (let round = 0; round < 500; round++) {
      const random = {
        NATS_ADDRESS: `nats://game:${randomBytes(24).toString('base64url')}@nats-0:4222`,
        SERVER_KEY: randomBytes(16).toString('hex'),
      };
      expect(problemsOf({ ...inCluster, ...random })).toEqual({});
    }
  });

  it.each<[string, Record<string, string>]>([
    ['no JSON', { TOKEN_PUBLIC_KEYS: 'hush-hush' }],
    ['null', { TOKEN_PUBLIC_KEYS: 'null' }],
    ['an empty list', { TOKEN_PUBLIC_KEYS: publicKeys() }],
    ['a list of null', { TOKEN_PUBLIC_KEYS: '{"keys":[null]}' }],
    ['a private key where only public ones belong', { TOKEN_PUBLIC_KEYS: `{"keys":[${signingKey}]}` }],
    ['two keys of one name', { TOKEN_PUBLIC_KEYS: publicKeys(publicKey, makeTokenKey('one').publicKey) }],
    ['a key without a name', { TOKEN_PUBLIC_KEYS: publicKeys({ ...publicKey, kid: undefined }) }],
    ['a key of another kind', { TOKEN_PUBLIC_KEYS: publicKeys({ ...publicKey, crv: 'X25519' }) }],
    ['a point that is none', { TOKEN_PUBLIC_KEYS: publicKeys({ ...publicKey, x: 'AA' }) }],
    ['a public key to sign with', { TOKEN_SIGNING_KEY: JSON.stringify(publicKey) }],
    ['a private part that is none', { TOKEN_SIGNING_KEY: JSON.stringify({ ...publicKey, d: 'AA' }) }],
  ])('refuses %s as a key for tokens', (_, wrong) => {
    expect(Object.keys(problemsOf({ ...inCluster, ...wrong }))).toEqual(Object.keys(wrong));
  });

  it.each(['TOKEN_SECRET', 'TOKEN_SIGNING_KEY', 'SERVER_KEY', 'NATS_ADDRESS'])(
    'never shows the value of a wrong %s',
    (name) => {
      const wrong = 'http://hush:hush-hush@x';
      let text = '';
      try {
        loadConfig({ ...inCluster, [name]: wrong }, 'local');
      } catch (error) {
        text = `${(error as Error).message}${JSON.stringify(error)}${(error as Error).stack}`;
      }
      expect(text).toContain(name);
      expect(text).not.toContain('hush');
    },
  );

  it('takes HTTP_PORT and SERVER_PORT as one port, and refuses them when they differ', () => {
    expect(loadConfig({ SERVER_PORT: '80' }, 'http').HTTP_PORT).toBe(80);
    expect(loadConfig({ SERVER_PORT: '80', HTTP_PORT: '80' }, 'http').HTTP_PORT).toBe(80);
    expect(problemsOf({ SERVER_PORT: '80', HTTP_PORT: '81' })).toHaveProperty('SERVER_PORT');
  });

  it('refuses a server id that does not start with its type, as ids and types share the subjects', () => {
    expect(problemsOf({ ...inCluster, SERVER_ID: 'matching' })).toHaveProperty('SERVER_ID');
    expect(problemsOf({ ...inCluster, SERVER_ID: 'http-prod-v100000-0' })).toHaveProperty('SERVER_ID');
  });

  const takes = (name: string, value: string): boolean =>
    !(name in problemsOf({ ...inCluster, [name]: value }));
  const numbers = Object.entries(environmentSchema.shape)
    .filter(([, rule]) => ['1', '60', '3000'].some((text) => typeof rule.safeParse(text).data === 'number'))
    .map(([name]) => name);
  const wrong = ['1e999', 'Infinity', 'NaN', '-1', '0x10', ' 5', '9'.repeat(30), '1e3', 'true', '1,5'];

  it.each(numbers)('takes for %s nothing but a plain number within bounds', (name) => {
    expect(wrong.filter((value) => takes(name, value))).toEqual([]);
  });

  it('takes more than a timer holds only where none waits for it', () => {
    expect(numbers.filter((name) => takes(name, '2147484')).sort()).toEqual([
      'CONNECTIONS_PER_ADDRESS',
      'LOGINS_PER_ADDRESS',
      'LOGINS_PER_DEVICE',
      'RESULTS_PER_KEY',
      'TOKEN_TTL_SECONDS',
      'WRONG_KEYS_PER_ADDRESS',
    ]);
  });

  it('takes a part of one only of seconds and of rates', () => {
    expect(numbers.filter((name) => takes(name, '5.5')).sort()).toEqual([
      'CONNECTION_RATE_PER_ADDRESS',
      'HANDSHAKE_RATE',
      'HANG_TIMEOUT_SECONDS',
      'SESSION_BURST',
      'SESSION_RATE',
      'SLOW_REQUEST_SECONDS',
      'STOP_TIMEOUT_SECONDS',
      'TOKEN_TTL_SECONDS',
    ]);
  });

  it.each([
    ['SESSION_BURST', '1', ['0', '0.999']],
    ['HANDSHAKE_RATE', '1', ['0', '0.999']],
    ['CONNECTION_RATE_PER_ADDRESS', '2', ['0', '1.999']],
    ['AGONES_PATIENCE_SECONDS', '1', ['0', '1.5', '3601', '7200']],
    ['SESSION_RATE', '0.001', ['0', '0.0009']],
  ])('takes for %s %s, and nothing less by which nobody would get in', (name, least, refused) => {
    expect(takes(name, least)).toBe(true);
    expect(refused.filter((value) => takes(name, value))).toEqual([]);
  });

  it.each(numbers.filter((name) => takes(name, '1000000000')))(
    'takes for %s a whole number that is written as one',
    (name) => {
      const others = ['0', '1.5', '0b1', '1000000001', '5 '];
      expect(others.filter((value) => takes(name, value))).toEqual([]);
    },
  );

  it.each(['NODE_ENV', 'CHANNEL', 'REGION', 'SERVER_TYPE', 'SERVER_ID', 'VERSION'])(
    'takes for %s nothing that would become something else',
    (name) => {
      const texts = hostileNames.map(([, value]) => value).filter((value) => typeof value === 'string');
      expect(texts.filter((value) => value !== '' && takes(name, value))).toEqual([]);
    },
  );

  it('can not be changed', () => {
    expect(() => Object.assign(loadConfig({}, 'http'), { VERSION: '9.9.9999' })).toThrow(TypeError);
  });
});
