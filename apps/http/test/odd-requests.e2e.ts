import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  type GameNats,
  startGameNats,
  type StartedServer,
  startServer,
  TraceReceiver,
} from '@ccgame/testing';

const login = JSON.stringify({ deviceId: 'device-odd-requests' });
const json = 'content-type: application/json\r\nconnection: close\r\n';

describe('a request that is written in an odd way', () => {
  let nats: GameNats;
  let server: StartedServer;
  let traces: TraceReceiver;

  beforeAll(async () => {
    nats = await startGameNats();
    traces = await TraceReceiver.listen();
    server = await startServer({
      root: process.cwd(),
      serverType: 'http',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' },
    });
    await server.process.untilReady();
  });
  afterAll(async () => {
    await server.process.stop();
    await nats.destroy();
    await traces.close();
  });

  /** The server's answer to bytes, until it closes the connection. */
  async function raw(head: string, body: Buffer | string = ''): Promise<string> {
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from(body as string)]));
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  const post = (headers: string, body: Buffer | string = login): Promise<string> =>
    raw(
      `POST /v1/login HTTP/1.1\r\n${json}content-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`,
      body,
    );

  it.each<[string, number, string, () => Promise<string>]>([
    ['no host', 400, 'one Host', () => post('')],
    ['two hosts', 400, 'one Host', () => post('host: x\r\nhost: y\r\n')],
    ['an expectation', 417, '100-continue', () => post('host: x\r\nexpect: gold\r\n')],
    ['a compressed body', 415, '', () => post('host: x\r\ncontent-encoding: gzip\r\n', gzipSync(login))],
    ['a body in two codings', 415, '', () => post('host: x\r\ncontent-encoding: identity, br\r\n')],
    ['the wish for a tunnel', 405, 'no proxy', () => raw('CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n')],
    [
      'the method TRACE',
      405,
      '',
      () => raw('TRACE /v1/login HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    ],
  ])('is answered with a problem: %s', async (_, status, detail, ask) => {
    const answer = await ask();
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json/m);
    expect(JSON.parse(body)).toMatchObject({ status, code: 'INVALID', retryable: false });
    expect(body).toContain(detail);
    if (status === 415) expect(head).toMatch(/^accept-encoding: identity/m);
    if (status === 405) expect(head).toMatch(/^allow:/m);
  });

  it.each<[string, () => Promise<string>]>([
    ['a body that is coded as itself', () => post('host: x\r\ncontent-encoding: identity\r\n')],
    ['the expectation that there is', () => post('host: x\r\nexpect: 100-continue\r\n')],
    ['no host, by HTTP/1.0', () => raw('GET /v1/config HTTP/1.0\r\n\r\n')],
    [
      'a coding of no body',
      () => raw('GET /v1/config HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-encoding: gzip\r\n\r\n'),
    ],
    ...['http://game.example.com/v1/config', 'HTTP://x/v/1.0.0000/v1/config?region=eu', 'http://x'].map(
      (target): [string, () => Promise<string>] => [
        target,
        () => raw(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
      ],
    ),
  ])('is answered as any other: %s', async (_, ask) => {
    expect(await ask()).toMatch(/^HTTP\/1.1 (100 Continue\r\n\r\nHTTP\/1.1 )?200 OK/);
  });

  it('is answered where it is an OPTIONS that no browser asks', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/login`, { method: 'OPTIONS' });
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('ends no server where its client is gone at once', async () => {
    for (let i = 0; i < 20; i += 1) {
      const socket = connectSocket(server.port, '127.0.0.1');
      await new Promise<void>((resolve) =>
        socket.write('CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n', () => resolve()),
      );
      socket.resetAndDestroy();
    }
    expect(await post('host: x\r\n')).toMatch(/^HTTP\/1.1 200 /);
    expect(await server.process.isReady()).toBe(true);
  });

  it('ends its trace where it is given up by its client', async () => {
    const trace = '1af7651916cd43dd8448eb211c80319c';
    const socket = connectSocket(server.port, '127.0.0.1');
    const traceparent = `traceparent: 00-${trace}-00f067aa0ba902b7-01\r\n`;
    socket.write(
      `POST /v1/login HTTP/1.1\r\nhost: x\r\n${json}${traceparent}content-length: 100\r\n\r\n{"dev`,
    );
    const inFlight = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${server.healthPort}/metrics`)).text();
    while (!/^ccgame_http_requests_in_flight\{.*\} 1$/m.test(await inFlight()));
    socket.destroy();
    const spans = await traces.untilTrace('POST /v1/login', ([first]) => first?.traceId === trace);
    expect(spans).toMatchObject([{ code: 2, attributes: { 'error.type': 'aborted' } }]);
  });
});
