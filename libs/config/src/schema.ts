import { isIP } from 'node:net';
import * as z from 'zod';
import { expectedName, isName, type NameKind } from './names.js';
import { isNatsAddress } from './nats-address.js';
import { parsePublicKeys, parseSigningKey } from './token-keys.js';

const name = (kind: NameKind) =>
  z.string().refine((text) => isName(kind, text), { error: `expected ${expectedName(kind)}` });

interface Range {
  min: number;
  max: number;
  /** The thing that it counts, for people. */
  unit?: string;
}

/** A plain decimal within bounds: no `1e999`, no `0x10`, and nothing that a timer or a buffer can't take. */
const decimal = ({ min, max, unit = 'number' }: Range) =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/, `expected a ${unit} from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `expected a ${unit} from ${min} to ${max}` });

const whole = (range: Range) =>
  decimal(range).refine(Number.isInteger, { error: `expected a whole ${range.unit ?? 'number'}` });

/** 0: any free one. */
const port = whole({ min: 0, max: 65_535, unit: 'port number' });

/** Node's timers hold 24.8 days; nothing here waits for more than one. */
const seconds = decimal({ min: 0.001, max: 86_400, unit: 'number of seconds' });

/** So many a second or at once; below `min` nothing at all would get through. */
const rate = (min: number) => decimal({ min, max: 1_000_000 });

const url = (schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    error: `expected an address that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

/** `fetch` refuses one with a user. */
const fetchUrl = url(['https:', 'http:']).refine(
  (text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '',
  { error: 'expected an address without user and password' },
);

/** Where clients go: to socket.io a path would be a namespace, and the http servers answer at the root. */
const publicUrl = (schemes: string[]) =>
  url(schemes).refine((text) => !URL.canParse(text) || new URL(text).href === `${new URL(text).origin}/`, {
    error: 'expected an address without a path, such as "https://play.example.com"',
  });

const natsAddress = z.string().refine(isNatsAddress, {
  error: 'expected one or more addresses by comma, such as "nats://user:password@nats-0:4222"',
});

const secret = z.string().min(32, 'expected at least 32 characters');

/** More than one while the secret is changed; the newest stands first, and is the one to show. */
const secrets = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((all) => all.every((one) => one.length >= 32), {
    error: 'expected at least 32 characters, or keys of so many by comma',
  });

/** Not 0, which would let nobody in. */
const count = whole({ min: 1, max: 1e9, unit: 'number' });

const onOrOff = z
  .enum(['on', 'off'], { error: 'expected "on" or "off"' })
  .transform((state) => state === 'on');

const trustedProxies = z.string().transform((text, context) => {
  if (text === 'none') return false;
  const networks = text.split(',').map((one) => one.trim());
  if (!networks.every(isNetwork)) {
    const message = 'expected addresses or networks by comma, such as "10.0.0.0/8", or "none"';
    context.addIssue({ code: 'custom', message });
  }
  return networks;
});

function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) > 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most))
  );
}

/** Parsed once; the text of a key is kept nowhere. */
const keyOf = <T>(parse: (text: string) => T, expected: string) =>
  z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `expected ${expected}, but ${(error as Error).message}` });
      return z.NEVER;
    }
  });

/** A page's origin is compared as a whole: one with a wildcard would let in nobody. */
const isOrigin = (text: string): boolean =>
  text === '*' || (!text.includes('*') && URL.canParse(text) && new URL(text).origin === text);

const origins = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((all) => all.every(isOrigin), {
    error: 'expected origins by comma, such as "https://game.example.com", or "*"',
  });

/** Every variable the apps read. Secrets have no default here: `load.ts` gives one in development only. */
export const environmentSchema = z.object({
  /** The name of the pod, which begins with the server type; left out: `<type>-local-0`. */
  SERVER_ID: name('serverId'),
  /** The type of the server; left out: that of the app that runs. */
  SERVER_TYPE: name('serverType'),
  /** The version of the game that this server is. */
  VERSION: name('version').default('latest'),
  /** The `env` label of the pod: `production`, `staging`, `dev`, … */
  NODE_ENV: name('environment').default('development'),
  /** Name spaces whose debug lines are logged, `debug` style: `ccgame:*`. */
  DEBUG: z.string().default(''),
  /** The least severe lines that are logged. */
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** A request or call that takes longer is logged, with the calls in which the time was spent. */
  SLOW_REQUEST_SECONDS: seconds.default(1),
  /** Where traces are sent to, by OTLP over HTTP: `http://collector:4318`; left out: none are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:']).optional(),
  /** The address on which a server opens all its ports; left out: all of the machine. `npm start` gives 127.0.0.1. */
  LISTEN_HOST: z.union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' }).optional(),
  /** Where an http server listens; 0: any free port. `SERVER_PORT` is another name for it. */
  HTTP_PORT: port.default(3000),
  /** Where a connector listens; 0: any free port. */
  WS_PORT: port.default(3001),
  /** The kind of the players' socket. */
  WS_TYPE: z
    .literal('socket.io', { error: 'expected "socket.io", the only socket type there is' })
    .default('socket.io'),
  /** The ops port of every server: readiness at `/`, metrics at `/metrics`. */
  HEALTHY_CHECK_PORT: port.default(3081),
  /** NATS, with user and password; several servers by comma. */
  NATS_ADDRESS: natsAddress.default('nats://127.0.0.1:4222'),
  /** The file of the CA that signed NATS' certificate (PEM): the connection is by TLS then, whatever the address says. */
  NATS_TLS_CA: z.string().min(1).optional(),
  /** How many NATS servers keep each stream and bucket that is made here; those that are there stay as they are. */
  NATS_REPLICAS: z
    .enum(['1', '3', '5'], { error: 'expected 1, 3 or 5, and no more than there are NATS servers' })
    .transform(Number)
    .default(1),
  /** Signs and checks the players' tokens (HS256) on a laptop; refused in production, where it would let connectors sign. */
  TOKEN_SECRET: secret.optional(),
  /** Signs the players' tokens: a private Ed25519 JWK. For http alone. */
  TOKEN_SIGNING_KEY: keyOf(parseSigningKey, 'a private Ed25519 key as JWK').optional(),
  /** Check the players' tokens: a JWK set of Ed25519 keys; two of them while the key is changed. */
  TOKEN_PUBLIC_KEYS: keyOf(parsePublicKeys, 'public Ed25519 keys as a JWK set').optional(),
  /** How long a guest's token is good. */
  TOKEN_TTL_SECONDS: decimal({ min: 1, max: 30 * 86_400, unit: 'number of seconds' }).default(900),
  /** Where the keys of the studio's own accounts are (a JWK set); their tokens are good at connectors then. */
  TOKEN_JWKS_URL: fetchUrl.optional(),
  /** The `iss` that tokens of the studio's own accounts have; needed with TOKEN_JWKS_URL. */
  TOKEN_ISSUER: z.string().max(256).optional(),
  /** The `aud` that tokens of the studio's own accounts have; needed with TOKEN_JWKS_URL. */
  TOKEN_AUDIENCE: z.string().max(256).optional(),
  /** The player of the studio's own accounts: their `sub` as it is (`plain`), or by `encodePlayerId` (`auth0|5f7c` is `auth0_7C5f7c`). */
  TOKEN_SUBJECT: z.enum(['plain', 'encoded']).default('plain'),
  /** The key that a game server shows to report a match result; while it is changed two by comma, the newest first. For http alone. */
  SERVER_KEY: secrets.optional(),
  /**
   * Proxies whose `X-Forwarded-For` is believed: addresses, networks (`10.0.0.0/8`) or `loopback`, `linklocal`, `uniquelocal`, by
   * comma; or `none`. The client is the last address of the header that is none of them. Default: the Ingress is in the cluster's network.
   * Behind a balancer of layer 4 players write that header themselves: set `none`, or PROXY_PROTOCOL.
   */
  TRUSTED_PROXIES: trustedProxies.default(['loopback', 'linklocal', 'uniquelocal']),
  /** Logins that all http servers together take a minute, of one address; many players share one. */
  LOGINS_PER_ADDRESS: count.default(3_000),
  /** Logins that all http servers together take a minute, of one device. */
  LOGINS_PER_DEVICE: count.default(30),
  /** Results that all http servers together take a minute by the server key. */
  RESULTS_PER_KEY: count.default(60_000),
  /** Calls with a wrong server key that all http servers together answer a minute, of one address. */
  WRONG_KEYS_PER_ADDRESS: count.default(30),
  /** The release channel that this server belongs to. */
  CHANNEL: name('channel').default('production'),
  /** The image's own version, as its build says it; absent outside of an image. */
  BUILD_VERSION: z.string().optional(),
  /** The commit that the image was built of; absent outside of an image. */
  BUILD_REVISION: z.string().optional(),
  /** By the Downward API: unlike its name, it is that of no other pod in any cluster. */
  POD_UID: z.string().optional(),
  /** Where this server is; rules of the release table may ask for it. */
  REGION: name('region').default('local'),
  /** The address of http that `GET /v1/config` gives to clients. */
  PUBLIC_HTTP_URL: publicUrl(['http:', 'https:']).optional(),
  /** The address of the connectors that `GET /v1/config` gives to clients. */
  PUBLIC_WS_URL: publicUrl(['ws:', 'wss:', 'http:', 'https:']).optional(),
  /** Whether `/docs` describes the HTTP API to everybody; left out: not in production. */
  API_DOCS: z
    .enum(['open', 'closed'], { error: 'expected "open" or "closed"' })
    .transform((state) => state === 'open')
    .optional(),
  /** The origins whose pages may call the HTTP API, by comma: `https://game.example.com`, or `*`; left out: none in production. */
  CORS_ORIGINS: origins.optional(),
  /** The rule for a player who connects with a second device: the first is kicked, or the second refused. */
  SECOND_DEVICE: z.enum(['kick', 'refuse']).default('kick'),
  /** Messages that one player may send a second on average. */
  SESSION_RATE: rate(0.001).default(50),
  /** Messages that one player may send at once. */
  SESSION_BURST: rate(1).default(200),
  /** Handshakes that a connector takes a second; the others are told to come back. */
  HANDSHAKE_RATE: rate(1).default(3000),
  /** Each connection of one of TRUSTED_PROXIES to a connector begins with a header of the PROXY protocol (1 or 2), and is refused without. */
  PROXY_PROTOCOL: onOrOff.default(false),
  /** Connections that one client's address may have with one connector; a trusted proxy that names no client has ten times as many. */
  CONNECTIONS_PER_ADDRESS: count.default(2_000),
  /** New connections of one client's address a second; five seconds' worth may come at once. A tenth of it comes besides as plain HTTP on the sockets' port, such as health checks. */
  CONNECTION_RATE_PER_ADDRESS: rate(2).default(100),
  /** The origins whose pages may open the players' socket, by comma; left out: all. A client that is no browser names none. */
  WS_ORIGINS: origins.optional(),
  /** Players may connect by HTTP long-polling where their proxy blocks WebSockets; the Ingress must be sticky then. */
  LONG_POLLING: onOrOff.default(false),
  /** Agones' allocator service, which finds a game server for each match; left out: matches get none. */
  AGONES_ALLOCATOR_URL: url(['http:', 'https:']).optional(),
  /** The name space of the game servers. */
  AGONES_NAMESPACE: name('environment').default('default'),
  /** The fleet that matches are played on; the one named like the mode when left out. */
  AGONES_FLEET: name('channel').optional(),
  /** Where the client's certificate is: `tls.crt`, `tls.key`, `ca.crt`. */
  AGONES_TLS_FOLDER: z.string().optional(),
  /** How long a game server is asked for before the players go back to the queue. */
  AGONES_PATIENCE_SECONDS: whole({ min: 1, max: 3_600, unit: 'number of seconds' }).default(60),
  /** How long a stop may take before the process exits anyway; below the pod's terminationGracePeriodSeconds. */
  STOP_TIMEOUT_SECONDS: seconds.default(25),
  /**
   * A server that spends so much CPU time in one turn of its event loop is taken for hung, and ends itself; more before a heap snapshot is
   * written.
   */
  HANG_TIMEOUT_SECONDS: decimal({ min: 1, max: 3_600, unit: 'number of seconds' }).default(5),
});

/** The variables that every server reads; a game adds its own. */
export type Environment = z.infer<typeof environmentSchema>;

/** Their values never reach a log or an error. */
export const secretVariables = ['TOKEN_SECRET', 'TOKEN_SIGNING_KEY', 'SERVER_KEY', 'NATS_ADDRESS'] as const;
