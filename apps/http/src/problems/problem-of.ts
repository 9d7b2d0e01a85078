import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { RpcError } from '#rpc';
import type { FieldProblem, Problem } from './problem.js';

const statusOfCode: Record<string, number> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  VERSION_GONE: 410,
  TOO_LARGE: 413,
  RATE_LIMITED: 429,
  BUSY: 503,
  NO_SERVER: 503,
  GONE: 503,
  TIMEOUT: 504,
};

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

/** What a caller may know of an error. One that is the server's own has an `incident`, under which it is to be logged. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RpcError && statusOfCode[error.code]) {
    const { code, retryable, details } = error;
    return { ...base(statusOfCode[code] ?? 500, code, retryable), ...explain(details) };
  }
  // Fastify's own refusals (malformed JSON, a body over the limit) carry the status, as Nest's exceptions do.
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
  if (status === undefined || status >= 500)
    return { ...base(500, 'INTERNAL', false), incident: randomUUID() };
  return { ...base(status, codeOfStatus[status] ?? 'INVALID', false), detail: (error as Error).message };
}

function base(status: number, code: string, retryable: boolean): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, retryable };
}

/** The public details of an RpcError: field errors, a sentence, or nothing. */
function explain(details: unknown): { errors?: FieldProblem[]; detail?: string } {
  if (typeof details === 'string') return { detail: details };
  if (typeof details !== 'object' || details === null) return {};
  const { errors, detail } = details as { errors?: FieldProblem[]; detail?: string };
  return { ...(errors && { errors }), ...(detail && { detail }) };
}
