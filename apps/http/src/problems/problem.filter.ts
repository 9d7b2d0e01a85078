import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { RpcError } from '#rpc';
import type { FastifyReply } from 'fastify';
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
  405: 'INVALID',
  413: 'TOO_LARGE',
  415: 'INVALID',
  429: 'RATE_LIMITED',
  503: 'BUSY',
};

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Answers every error of the HTTP door as `application/problem+json`; nothing inside a server's error text gets out. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = this.describe(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const retryAfterMs = error instanceof RpcError ? error.retryAfterMs : undefined;
    if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }

  private describe(error: unknown): Problem {
    if (error instanceof RpcError && statusOfCode[error.code]) {
      const { code, retryable, details } = error;
      return { ...base(statusOfCode[code] ?? 500, code, retryable), ...explain(details) };
    }
    // Fastify's own refusals (malformed JSON, a body over the limit) carry the status, as Nest's exceptions do.
    const status =
      error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
    if (status !== undefined && status < 500) {
      return { ...base(status, codeOfStatus[status] ?? 'INVALID', false), detail: (error as Error).message };
    }
    const incident = randomUUID();
    this.log.error({ event: 'http.failed', incident, err: error });
    return { ...base(500, 'INTERNAL', false), incident };
  }
}

function base(status: number, code: string, retryable: boolean): Problem {
  return { type: 'about:blank', title: titles[status] ?? 'Error', status, code, retryable };
}

/** The public details of an RpcError: field errors, a sentence, or nothing. */
function explain(details: unknown): { errors?: FieldProblem[]; detail?: string } {
  if (typeof details === 'string') return { detail: details };
  if (typeof details !== 'object' || details === null) return {};
  const { errors, detail } = details as { errors?: FieldProblem[]; detail?: string };
  return { ...(errors && { errors }), ...(detail && { detail }) };
}
