import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import type { ConnectionOptions } from '@nats-io/transport-node';
import { metrics } from './metrics.js';

/** As nats.js takes them, and what it passes on to Node as it is. */
type TlsOptions = ConnectionOptions['tls'] & Pick<TlsConnectionOptions, 'checkServerIdentity'>;

/**
 * How NATS is spoken to; undefined: in the clear, unless NATS itself asks for TLS. A CA's file asks for it too, as the address is
 * mostly in a secret of its own.
 *
 * @param caFile PEM; it is read again at each reconnect, so it may be renewed. Without it, NATS' certificate has to be of a CA that
 *   Node knows
 * @throws Error when the file can't be read
 */
export function tlsOptions(isAsked: boolean, caFile?: string): ConnectionOptions['tls'] {
  if (caFile === undefined && !isAsked) return undefined;
  if (caFile !== undefined) readFileSync(caFile);
  const options: TlsOptions = { caFile, checkServerIdentity: noteEnd };
  return options;
}

/** Looks at a certificate as Node does, and notes when it ends: NATS shows the one that it has read last, whatever its Secret has by now. */
const noteEnd: TlsConnectionOptions['checkServerIdentity'] = (host, certificate) => {
  metrics.certificateExpiry.set(Date.parse(certificate.valid_to) / 1_000);
  return checkServerIdentity(host, certificate);
};
