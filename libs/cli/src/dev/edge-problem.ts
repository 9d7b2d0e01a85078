import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A refusal of the public port itself, as the servers behind it would answer it: problem details. */
export interface EdgeProblem {
  status: number;
  code: string;
  retryable?: boolean;
  rule?: string;
}

const type = 'application/problem+json';

/** Answers a request for which no server is asked. */
export function answerWithProblem(response: ServerResponse, problem: EdgeProblem): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(problem.status, { 'content-type': type }).end(bodyOf(problem));
}

/** Answers on a connection that Node's HTTP has given up, and ends it. @param headers such as `allow: ` */
export function endWithProblem(socket: Duplex, problem: EdgeProblem, headers: string[] = []): void {
  if (!socket.writable) return void socket.destroy();
  const body = bodyOf(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...headers,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function bodyOf({ status, code, retryable = false, rule }: EdgeProblem): string {
  const details = rule === undefined ? {} : { detail: rule, details: { problems: [{ field: '', rule }] } };
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    retryable,
    ...details,
  });
}
