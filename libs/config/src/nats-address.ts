/** One NATS address split in what the client wants to have separately. */
export interface NatsServers {
  /** `host:port`, without credentials. */
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
  tls: boolean;
}

const schemes = ['nats:', 'tls:'];

export function isSecretUrl(text: string): boolean {
  const url = parse(text);
  return url !== undefined && schemes.includes(url.protocol) && url.hostname !== '';
}

/**
 * Splits `NATS_ADDRESS`. The credentials of the first address that has some are used for all, as the NATS client
 * takes one set a connection.
 */
export function parseNatsAddress(addresses: string): NatsServers {
  const urls = addresses.split(',').map((one) => parse(one.trim()));
  const known = urls.filter((url) => url !== undefined);
  const withUser = known.find((url) => url.username !== '');
  const user = withUser ? decodeURIComponent(withUser.username) : undefined;
  const pass = withUser?.password ? decodeURIComponent(withUser.password) : undefined;
  return {
    servers: known.map((url) => `${url.hostname}:${url.port || '4222'}`),
    tls: known.some((url) => url.protocol === 'tls:'),
    ...(user !== undefined && pass === undefined ? { token: user } : { user, pass }),
  };
}

/** The address as it may be shown: without user and password. */
export function redactNatsAddress(addresses: string): string {
  return parseNatsAddress(addresses).servers.join(',');
}

function parse(text: string): URL | undefined {
  const withScheme = text.includes('://') ? text : `nats://${text}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
}
