import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from '@nats-io/transport-node';

/**
 * How NATS is spoken to; undefined: in the clear, unless NATS itself asks for TLS. A CA's file asks for it too, as the address is
 * mostly in a secret of its own.
 *
 * @param caFile PEM; it is read again at each reconnect, so it may be renewed. Without it, NATS' certificate has to be of a CA that
 *   Node knows
 * @throws Error when the file can't be read
 */
export function tlsOptions(isAsked: boolean, caFile?: string): ConnectionOptions['tls'] {
  if (caFile === undefined) return isAsked ? {} : undefined;
  readFileSync(caFile);
  return { caFile };
}
