import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers HTTP on the sockets' port at once: `GET /` is what load balancers ask to learn whether a server lives. While it
 * stops it says 503, so that they look elsewhere. Every answer ends its connection.
 *
 * @param isStopping asked at each request
 */
export function answerPlainHttp(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  isStopping: boolean,
): void {
  const isProbe = (method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === '/';
  const [status, text] = !isProbe ? [404, 'Not found\n'] : isStopping ? [503, 'Stopping\n'] : [200, 'ok\n'];
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(method === 'HEAD' ? undefined : text);
}
