import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { asRpcError } from '@ccgame/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { metrics } from '../metrics.js';
import { routeOf } from '../route-of.js';
import type { AllowedMethods } from './allowed-methods.js';
import { problemOf } from './problem-of.js';

/** Answers every error of the HTTP door as `application/problem+json`; nothing inside a server's error text gets out. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  constructor(private readonly allowed: AllowedMethods) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const methods = this.otherMethods(request);
    const problem = problemOf(methods.length > 0 ? methodNotAllowed : error);
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    metrics.problems.inc({ route: routeOf(request), code: problem.code });
    if (problem.incident) this.log.error({ event: 'http.failed', incident: problem.incident, err: error });
    const known = asRpcError(error);
    const retryAfterMs = known ? known.toPublic().retryAfterMs : problem.status === 503 ? 1_000 : undefined;
    if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }

  /** The methods of the path of a request that fits no route. */
  private otherMethods({ is404, url }: FastifyRequest): string[] {
    return is404 ? this.allowed.methodsOf(url) : [];
  }
}

const methodNotAllowed = { statusCode: 405, message: 'This path is not served with that method.' };
