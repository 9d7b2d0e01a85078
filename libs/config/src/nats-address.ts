import { isIPv6 } from 'node:net';

/** One NATS address split in what the client wants to have separately. */
export interface NatsServers {
  /** `host:port`, without credentials. */
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
  tls: boolean;
}

interface Address {
  server: string;
  user?: string;
  pass?: string;
  tls: boolean;
}

/**
 * Not by `URL`: passwords that were made by a generator have `#`, `/`, `%` and `@` in them. The last `@` ends the
 * credentials.
 */
const pattern =
  /^(?:(nats|tls):\/\/|(?![a-z+.-]*:\/\/))(?:([^:]*)(?::(.*))?@)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/s;

/** Whether that is one address or more by comma. */
export function isNatsAddress(addresses: string): boolean {
  return addresses.split(',').every((one) => parseOne(one.trim()) !== undefined);
}

/**
 * Splits `NATS_ADDRESS`. The credentials of the first address that has some are used for all, as the NATS client
 * takes one set a connection. In credentials `%2C` stands for a comma, and any other `%` and two hex digits for that byte;
 * a `%` before anything else is itself.
 */
export function parseNatsAddress(addresses: string): NatsServers {
  const known = addresses
    .split(',')
    .map((one) => parseOne(one.trim()))
    .filter((one) => one !== undefined);
  const { user, pass } = known.find((one) => one.user !== undefined) ?? {};
  return {
    servers: known.map(({ server }) => server),
    tls: known.some(({ tls }) => tls),
    ...(user !== undefined && pass === undefined ? { token: user } : { user, pass }),
  };
}

/** The address as it may be shown: without user and password. */
export function redactNatsAddress(addresses: string): string {
  return parseNatsAddress(addresses).servers.join(',');
}

function parseOne(text: string): Address | undefined {
  const [, scheme, user, pass, host, port = '4222'] = pattern.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  if (host.startsWith('[') && !isIPv6(host.slice(1, -1))) return undefined;
  return {
    server: `${host}:${port}`,
    tls: scheme === 'tls',
    user: user ? decode(user) : undefined,
    pass: pass ? decode(pass) : undefined,
  };
}

function decode(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}
