import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';
import type { FastifyReply } from 'fastify';
import { problemOf } from './problem-of.js';

/** Answers every error of the HTTP door as `application/problem+json`; nothing inside a server's error text gets out. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    if (problem.incident) this.log.error({ event: 'http.failed', incident: problem.incident, err: error });
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const retryAfterMs =
      error instanceof RpcError ? error.retryAfterMs : problem.status === 503 ? 1_000 : undefined;
    if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }
}
