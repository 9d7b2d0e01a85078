import { errors } from '@nats-io/nats-core';
import { Config, ConfigError, redactNatsAddress } from '@ccgame/config';
import { StorageProblem } from '@ccgame/jetstream';

/** The sentence for a start that failed for a reason an operator can mend; undefined for a bug, which needs its stack. */
export function explainStartProblem(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof StorageProblem) return `${error.message} (NATS_ADDRESS: ${natsAddress()})`;
  if (error instanceof errors.AuthorizationError)
    return `NATS at ${natsAddress()} refuses the user or password; put the right ones in NATS_ADDRESS.`;
  if (error instanceof errors.ConnectionError)
    return `NATS at ${natsAddress()} can't be reached (${error.message}); start it, or mend NATS_ADDRESS.`;
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use; stop what listens there or set another port.`;
  if (code === 'EACCES' && port)
    return `Port ${port} may not be opened by this user; ports below 1024 often need a permission.`;
  // The engine's and Nest's own refusals are sentences already, and carry a code.
  return code === 'ILLEGAL_HANDLER' ? message : undefined;
}

function natsAddress(): string {
  return redactNatsAddress(Config.NATS_ADDRESS);
}
