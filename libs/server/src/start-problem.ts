import { types } from 'node:util';
import { errors } from '@nats-io/nats-core';
import { Config, ConfigError, redactNatsAddress, showValue } from '@ccgame/config';
import { StorageProblem } from '@ccgame/jetstream';
import { NatsTooOld } from '@ccgame/nats';

/** Node throws one with both where a server can't listen. */
type ListenError = NodeJS.ErrnoException & { address?: string; port?: number };

/** Writes why a process could not start, whatever was thrown: a game's code may throw what can't even be looked at. */
export function tellStartProblem(error: unknown): void {
  process.stderr.write(`${describeStartProblem(error)}\n`);
}

/** The sentence, or the stack where there is none. Never throws. */
export function describeStartProblem(error: unknown): string {
  const shown = types.isNativeError(error) ? showValue(error) : `Thrown: ${showValue(error)}`;
  try {
    return explainStartProblem(error) ?? shown;
  } catch {
    return shown;
  }
}

/** The sentence for a start that failed for a reason an operator can mend; undefined for a bug, which needs its stack. */
export function explainStartProblem(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof StorageProblem && error.database !== undefined) return error.message;
  if (error instanceof StorageProblem || error instanceof NatsTooOld)
    return `${error.message} (NATS_ADDRESS: ${natsAddress()})`;
  if (error instanceof errors.AuthorizationError)
    return `NATS at ${natsAddress()} refuses the user or password; put the right ones in NATS_ADDRESS.`;
  if (error instanceof errors.ConnectionError)
    return `NATS at ${natsAddress()} can't be reached (${error.message}); start it, or mend NATS_ADDRESS.`;
  if (error instanceof errors.InvalidArgumentError && error.message.includes('tls'))
    return `NATS at ${natsAddress()} speaks no TLS, which NATS_TLS_CA or tls:// in NATS_ADDRESS asks for.`;
  const { code = '', syscall, address, port, message, path } = error as ListenError;
  if (isOfCertificate(code))
    return `NATS at ${natsAddress()} shows a certificate that is refused (${message}); mend it, or the CA in NATS_TLS_CA.`;
  if (path !== undefined && path === Config.NATS_TLS_CA)
    return `The file of NATS_TLS_CA can't be read (${message}).`;
  const { AGONES_TLS_FOLDER } = Config;
  if (path !== undefined && AGONES_TLS_FOLDER !== undefined && path.startsWith(AGONES_TLS_FOLDER))
    return `A file in the folder of AGONES_TLS_FOLDER can't be read (${message}).`;
  if (code === 'EADDRINUSE') return `Port ${port} is in use; stop what listens there or set another port.`;
  if (syscall === 'listen' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code))
    return `This machine has no address ${address} to listen on; mend LISTEN_HOST.`;
  if (code === 'EACCES' && port)
    return `Port ${port} may not be opened by this user; ports below 1024 often need a permission.`;
  if (/^Nest could not find (Readiness|WorkLeft|Drain) element/.test(message))
    return 'The module of this server does not import ServerModule, which every server needs.';
  // The engine's and Nest's own refusals are sentences already, and carry a code.
  return code === 'ILLEGAL_HANDLER' ? message : undefined;
}

/** Codes of OpenSSL, such as CERT_HAS_EXPIRED and SELF_SIGNED_CERT_IN_CHAIN, and of Node, such as ERR_TLS_CERT_ALTNAME_INVALID. */
function isOfCertificate(code: string): boolean {
  return /CERT|^UNABLE_TO_|^ERR_(TLS|SSL|OSSL)_/.test(code);
}

function natsAddress(): string {
  return redactNatsAddress(Config.NATS_ADDRESS);
}
