import { randomUUID } from 'node:crypto';
import { HttpException, Logger } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { RpcError } from '../errors.js';
import { encodeJson } from '../wire/wire-body.js';
import { showValue } from '@ccgame/config';
import { invalid } from '../validation/invalid.js';
import { problemsOfException } from '../validation/nest-problems.js';

const logger = new Logger('Rpc');

/** Anything else could not be a header's value. */
const codePattern = /^[A-Z][A-Z0-9_]{1,63}$/;
const isCode = (code: unknown): code is string => typeof code === 'string' && codePattern.test(code);

/** The part of an error that crosses the border to the caller. */
export interface SentError {
  code: string;
  body: { message?: string; retryable: boolean; details?: unknown; retryAfterMs?: number };
}

/**
 * Turns whatever a handler threw into what its caller may know. An RpcError is meant for the caller; Nest's own exceptions
 * are mapped by their status; anything else is INTERNAL with an incident id, under which this server's log has the rest.
 *
 * Never throws, and gives nothing that JSON can't hold: any value can be thrown, a proxy or an error with a getter that
 * throws too.
 */
export function sentError(error: unknown, handler: string, from?: string): SentError {
  try {
    return sendable(publicError(error, handler, from));
  } catch {
    return incident(error, handler, from);
  }
}

function publicError(error: unknown, handler: string, from?: string): SentError {
  if (error instanceof RpcError && isCode(error.code)) {
    const { code, message, details, retryAfterMs } = error;
    // An error of a call further on: that one may be repeated, ours has begun.
    const retryable = error.target === undefined && error.retryable;
    return { code, body: { message, retryable, details, retryAfterMs } };
  }
  if (error instanceof RpcException) {
    return fromRpcException(error, handler, from);
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    return fromHttpException(error);
  }
  return incident(error, handler, from);
}

/** A guard that says no throws `RpcException('Forbidden resource')`; a game may throw one with a code of its own. */
function fromRpcException(exception: RpcException, handler: string, from?: string): SentError {
  const thrown = exception.getError();
  if (thrown === 'Forbidden resource') {
    return { code: 'FORBIDDEN', body: { retryable: false } };
  }
  const { code, details } = Object(thrown) as { code?: unknown; details?: unknown };
  if (isCode(code)) {
    const error = new RpcError(code, { message: exception.message, retryable: false, details });
    return { code, body: { message: error.message, retryable: false, details: error.details } };
  }
  return incident(exception, handler, from);
}

const codeOfStatus: Record<number, string> = {
  401: 'FORBIDDEN',
  403: 'FORBIDDEN',
  413: 'TOO_LARGE',
  429: 'BUSY',
};

/** Nest's ValidationPipe, guards and pipes throw these; their texts are made for callers. */
function fromHttpException(exception: HttpException): SentError {
  const code = codeOfStatus[exception.getStatus()] ?? 'INVALID';
  const { details } = invalid(problemsOfException(exception));
  return { code, body: { message: exception.message, retryable: false, details } };
}

/** Details that can't be sent are left out; the rest of the error is still what the handler meant. */
function sendable({ code, body }: SentError): SentError {
  const { message, retryable, retryAfterMs } = body;
  return {
    code,
    body: {
      message: message === undefined ? undefined : showValue(message),
      retryable: retryable === true,
      details: canBeSent(body.details) ? body.details : undefined,
      retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : undefined,
    },
  };
}

function canBeSent(details: unknown): boolean {
  try {
    return details === undefined || encodeJson(details) !== '';
  } catch {
    return false;
  }
}

function incident(error: unknown, handler: string, from?: string): SentError {
  const id = randomUUID();
  logger.error({ event: 'rpc.failed', handler, from, incident: id, error: showValue(error) });
  return { code: 'INTERNAL', body: { retryable: false, details: { incident: id } } };
}
