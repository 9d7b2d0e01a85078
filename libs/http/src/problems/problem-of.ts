import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { asRpcError, httpStatusOf, invalid, problemsOfException } from '@ccgame/rpc';
import type { Problem } from './problem.js';
import { isStorageAway } from './storage-away.js';

const codeOfStatus: Record<number, string> = {
  400: 'INVALID',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  414: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  431: 'TOO_LARGE',
  503: 'BUSY',
};

/** The public part of an error. One that is the server's own has an `incident`, under which it is to be logged. */
export function problemOf(error: unknown): Problem {
  try {
    return declaredProblemOf(error) ?? unknownProblem();
  } catch {
    // A handler may throw anything, also what throws when it is looked at.
    return unknownProblem();
  }
}

const unknownProblem = (): Problem => ({ ...problemWith(500, 'INTERNAL', false), incident: randomUUID() });

/** Undefined for one that nobody declared. */
function declaredProblemOf(error: unknown): Problem | undefined {
  if (isStorageAway(error)) {
    return { ...problemWith(503, 'BUSY', true), detail: 'The storage does not answer. Try again.' };
  }
  const known = asRpcError(error);
  if (known && known.code !== 'INTERNAL') {
    const { code, retryable, details } = known.toPublic();
    return { ...problemWith(httpStatusOf(code), code, retryable), ...publicDetailsOf(details) };
  }
  // Fastify's own refusals (malformed JSON, a body over the limit) carry the status, as Nest's exceptions do.
  const { statusCode } = Object(error) as { statusCode?: unknown };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  const { message } = error as { message?: unknown };
  const detail = typeof message === 'string' ? message : (STATUS_CODES[status] ?? '');
  const code = codeOfStatus[status] ?? 'INVALID';
  const told = { ...problemWith(status, code, false), detail };
  if (code !== 'INVALID') return told;
  const problems =
    error instanceof HttpException ? problemsOfException(error) : [{ field: '', rule: detail }];
  return { ...told, details: invalid(problems).details };
}

function problemWith(status: number, code: string, retryable: boolean): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, retryable };
}

/** The public details of an RpcError: a sentence for people, and the rest as it is over the socket. */
function publicDetailsOf(details: unknown): Pick<Problem, 'details' | 'detail'> {
  if (details === undefined) return {};
  if (typeof details === 'string') return { detail: details };
  const { detail, ...rest } = Object(details) as { detail?: unknown };
  return {
    ...(typeof detail === 'string' && { detail }),
    ...(Object.keys(rest).length > 0 && { details: rest }),
  };
}
