import type { FastifyReply, FastifyServerOptions } from 'fastify';
import { metrics } from '../metrics.js';
import { noRoute } from '../route-of.js';
import { problemOf } from './problem-of.js';
import type { Problem } from './problem.js';

/** Refusals before a route is found, which Fastify answers past every filter: problem details all the same. */
export const earlyProblems: Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> = {
  frameworkErrors(error, _, reply) {
    const problem = problemOf(error);
    countProblem(problem);
    void (reply as FastifyReply).status(problem.status).type('application/problem+json').send(problem);
  },
  clientErrorHandler({ code }, socket) {
    if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const statusCode = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const problem = problemOf({ statusCode, message: 'The request could not be read.' });
    countProblem(problem);
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${statusCode} ${problem.title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  },
};

function countProblem({ code }: Problem): void {
  metrics.problems.inc({ route: noRoute, code });
}
