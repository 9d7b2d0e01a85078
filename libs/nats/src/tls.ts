import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import type { ConnectionOptions } from '@nats-io/transport-node';
import { metrics } from './metrics.js';

/**
 * How NATS is spoken to; undefined: in the clear, unless NATS itself asks for TLS. A CA's file asks for it too, as the address is
 * mostly in a secret of its own. It is plain data, which a thread can be given.
 *
 * @param caFile PEM; it is read again at each reconnect, so it may be renewed. Without it, NATS' certificate has to be of a CA that
 *   Node knows
 * @throws Error when the file can't be read
 */
export function tlsOptions(isAsked: boolean, caFile?: string): ConnectionOptions['tls'] {
  if (caFile === undefined) return isAsked ? {} : undefined;
  try {
    readFileSync(caFile);
  } catch (error) {
    // Node leaves the path out where it is a folder's.
    throw Object.assign(error as Error, { path: caFile });
  }
  return { caFile };
}

/** The same, for a connection of this thread: it notes when the certificate ends that NATS shows, which is the one that NATS has read last. */
export function notingEnd(tls: ConnectionOptions['tls']): ConnectionOptions['tls'] {
  // nats.js passes on to Node what it doesn't know.
  const more: Pick<TlsConnectionOptions, 'checkServerIdentity'> = { checkServerIdentity: noteEnd };
  return tls && { ...tls, ...more };
}

/** Looks at a certificate as Node does. */
const noteEnd: TlsConnectionOptions['checkServerIdentity'] = (host, certificate) => {
  metrics.certificateExpiry.set(Date.parse(certificate.valid_to) / 1_000);
  return checkServerIdentity(host, certificate);
};
