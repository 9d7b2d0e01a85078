import { HttpException, Logger } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { GameErrors, type GatewayError } from '@ccgame/protocol';
import { asRpcError, invalid, problemsOfException, RpcError } from '@ccgame/rpc';

const log = new Logger('requests');

/** The part of an error that a client is told: only a declared public one. Anything else is INTERNAL, and is logged. */
export function publicErrorOf(error: unknown): GatewayError {
  const known = asRpcError(error) ?? tryNest(error);
  if (!known) log.error(error);
  const { code, retryable, details, retryAfterMs } = (known ?? new RpcError('INTERNAL')).toPublic();
  return { code, message: code, retryable, details, retryAfterMs };
}

/** A gateway's handler may throw anything, also what throws when it is looked at: nobody would catch that here. */
function tryNest(error: unknown): RpcError | undefined {
  try {
    return ofNest(error);
  } catch {
    return undefined;
  }
}

/** The errors of Nest's own guards and pipes. */
function ofNest(error: unknown): RpcError | undefined {
  if (error instanceof WsException) {
    const told = error.getError();
    const code = (Object(told) as { code?: unknown }).code;
    if (typeof code === 'string') return new RpcError(code, { details: told });
    return new RpcError('FORBIDDEN', { details: { detail: error.message } });
  }
  if (!(error instanceof HttpException)) return undefined;
  const status = error.getStatus();
  if (status === 401) return GameErrors.UNAUTHENTICATED();
  if (status === 403) return new RpcError('FORBIDDEN');
  return status < 500 ? invalid(problemsOfException(error)) : undefined;
}
