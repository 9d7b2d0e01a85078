import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyHttpOptions, FastifyReply } from 'fastify';
import { metrics } from '../metrics.js';
import { noRoute } from '../route-of.js';
import { problemOf } from './problem-of.js';
import type { Problem } from './problem.js';

const type = 'application/problem+json';

/** Refusals before a route is found, which Fastify answers past every filter: problem details all the same. */
export const earlyProblems: Pick<
  FastifyHttpOptions<Server>,
  'frameworkErrors' | 'clientErrorHandler' | 'http'
> = {
  frameworkErrors(error, _, reply) {
    const problem = countedProblem(error);
    void (reply as FastifyReply).status(problem.status).type(type).send(problem);
  },
  clientErrorHandler({ code }, socket) {
    if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const statusCode = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    endWithProblem(socket, { statusCode, message: 'The request could not be read.' });
  },
  // Node's own refusal has no body: `checkHeads` looks at it.
  http: { requireHostHeader: false },
};

/** Answers what Node would refuse without a body, and `CONNECT`, which it would not answer at all. */
export function answerOddRequests(server: Server): void {
  server.on('checkExpectation', (_, response: ServerResponse) => {
    const problem = countedProblem({ statusCode: 417, message: 'The one expectation is 100-continue.' });
    const body = JSON.stringify(problem);
    const length = Buffer.byteLength(body);
    response.writeHead(problem.status, { 'content-type': type, 'content-length': length }).end(body);
  });
  server.on('connect', (_, socket: Duplex) => {
    // It is nobody else's by now: an error without a listener would end the process.
    socket.on('error', () => socket.destroy());
    endWithProblem(socket, { statusCode: 405, message: 'This server is no proxy.' }, ['allow: ']);
  });
}

function endWithProblem(socket: Duplex, error: object, headers: string[] = []): void {
  const problem = countedProblem(error);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...headers,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function countedProblem(error: unknown): Problem {
  const problem = problemOf(error);
  metrics.problems.inc({ route: noRoute, code: problem.code });
  return problem;
}
