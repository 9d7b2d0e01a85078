import { Logger } from '@nestjs/common';
import { asRpcError, codeLabel } from '@ccgame/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { giveBackWithoutNats } from '../limits/hits-of-requests.js';
import { metrics } from '../metrics.js';
import { routeOf } from '../route-of.js';
import { problemOf } from './problem-of.js';

const log = new Logger('http');

/** Answers an error as `application/problem+json` and counts it. One that is the server's own is logged under its incident. */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const problem = problemOf(error);
  metrics.problems.inc({ route: routeOf(request), code: codeLabel(problem.code) });
  // Players who tried again during an outage would be told to wait a minute after it.
  if (problem.status >= 500) giveBackWithoutNats(request);
  if (problem.incident) log.error({ event: 'http.failed', incident: problem.incident, err: error });
  const known = asRpcError(error);
  const retryAfterMs = known ? known.toPublic().retryAfterMs : problem.status === 503 ? 1_000 : undefined;
  if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
