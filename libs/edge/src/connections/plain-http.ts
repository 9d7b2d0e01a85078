import type { RequestHead } from './request-head.js';

/**
 * The whole answer to HTTP on the sockets' port: `GET /` is what load balancers ask to learn whether a server lives. While
 * it stops it says 503, so that they look elsewhere. The connection ends after every answer.
 */
export function answerTo({ method, path }: RequestHead, isStopping: boolean): string {
  const [bare = ''] = path.split('?', 1);
  const isRead = method === 'GET' || method === 'HEAD';
  if (bare.startsWith('/socket.io/')) return answer('400 Bad Request', 'Only WebSocket\n');
  if (!isRead || bare !== '/') return answer('404 Not Found', 'Not found\n');
  const isHead = method === 'HEAD';
  return isStopping
    ? answer('503 Service Unavailable', 'Stopping\n', isHead)
    : answer('200 OK', 'ok\n', isHead);
}

/** An answer of HTTP/1.1 that ends its connection. */
export function answer(status: string, text: string, isHead = false): string {
  const headers = `content-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close`;
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${isHead ? '' : text}`;
}
