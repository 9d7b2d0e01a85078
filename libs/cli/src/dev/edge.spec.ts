import { connect } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { freePort } from '@ccgame/testing';
import { type Edge, startEdge } from './edge.js';

/** The server behind says which path it was asked for. Jest on Node 20 loads no package that is of modules alone. */
jest.mock('httpxy', () => ({
  createProxyServer: () => ({
    web: (request: IncomingMessage, response: ServerResponse) => Promise.resolve(response.end(request.url)),
  }),
}));

describe('the public port of a laptop', () => {
  let edge: Edge;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    edge = await startEdge(port, (_, version) => (version === 'gone' ? undefined : 'http://127.0.0.1:1'));
  });
  afterAll(() => edge.close());

  /** The answer to bytes, until the connection ends. */
  async function raw(text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  const close = 'host: x\r\nconnection: close\r\n';
  const upgrade = 'host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nversion: gone\r\n';

  it.each([
    ['bytes that are no request', 400, 'INVALID', 'hello\r\n\r\n'],
    ['a head that is too large', 431, 'TOO_LARGE', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['no host', 400, 'INVALID', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['an expectation', 417, 'INVALID', `GET / HTTP/1.1\r\n${close}expect: gold\r\n\r\n`],
    ['the wish for a tunnel', 405, 'INVALID', 'CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a version that is not there', 503, 'NO_SERVER', `GET / HTTP/1.1\r\n${close}version: gone\r\n\r\n`],
    ['a socket to such a version', 503, 'NO_SERVER', `GET /socket.io/ HTTP/1.1\r\n${upgrade}\r\n`],
  ])('answers with a problem: %s', async (_, status, code, request) => {
    const [head = '', body = ''] = (await raw(request)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\ncontent-type: application/problem.json`));
    if (status === 405) expect(head).toMatch(/^allow:/m);
    // Node writes bodies in chunks where it is told no length.
    expect(JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))).toMatchObject({
      status,
      code,
      retryable: status === 503,
    });
  });

  it('asks the server for the path of a whole URL', async () => {
    expect(await raw(`GET http://game.example.com/v1/config HTTP/1.1\r\n${close}\r\n`)).toContain(
      '/v1/config',
    );
    expect(await raw(`GET http://game.example.com/v1/config HTTP/1.1\r\n${close}\r\n`)).not.toContain(
      'game.ex',
    );
  });
});
