import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type GameNats, startGameNats, type StartedServer, startServer, tokenOf } from '@ccgame/testing';
import { ApiDocument } from './api-document.js';

const serverKey = 'development-only-server-key-000000';
const login = '/v1/login';
const result = '/v1/matches/{id}/result';
const board = '/v1/leaderboards/{board}';
const me = '/v1/leaderboards/{board}/me';

interface Asked {
  status: number;
  mediaType: string;
  allow: string | null;
  body: any;
}

describe('the OpenAPI document', () => {
  let nats: GameNats;
  let server: StartedServer;
  let api: ApiDocument;

  beforeAll(async () => {
    nats = await startGameNats();
    server = await startServer({
      root: process.cwd(),
      serverType: 'http',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    });
    await server.process.untilReady();
    api = await ApiDocument.fetch(`http://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    await server.process.stop();
    await nats.destroy();
  });

  async function ask(method: string, path: string, body?: unknown, token = serverKey): Promise<Asked> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        authorization: `Bearer ${token}`,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';', 1);
    const { status, headers } = response;
    return { status, mediaType, allow: headers.get('allow'), body: await response.json() };
  }

  it('is valid, all of its references lead somewhere, and no schema is there in vain', async () => {
    expect(await api.validate(nats.folder)).toEqual({ valid: true });
    const { schemas } = api.document.components;
    expect(Object.keys(schemas).sort()).toEqual([
      ...['BoardEntry', 'BoardView', 'ClientConfig', 'LoginDto', 'LoginResult', 'MatchResult'],
      ...['MatchResultDto', 'PeriodView', 'PlayerScoreDto', 'PlayerView', 'Problem'],
    ]);
    expect(schemas.MatchResultDto).toMatchObject({
      additionalProperties: false,
      properties: { scores: { type: 'array', minItems: 1, maxItems: 200 } },
    });
  });

  it('leads to the AsyncAPI document of the socket, which the command writes as well', async () => {
    const path = '/docs/asyncapi.json';
    expect(api.document.info.description).toContain(`](${path})`);
    const { status, body } = await ask('GET', path);
    const head = ['--api-version', body.info.version, '--host', body.servers.players.host] as string[];
    const command = ['libs/cli/bin/ccgame.mjs', 'asyncapi', ...head];
    const written = await promisify(execFile)(process.execPath, command);
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(written.stdout));
  });

  const score = { playerId: 'anna', score: 3 };
  const scores = (...some: unknown[]): object => ({ scores: some });
  it.each<[string, unknown[]]>([
    [
      login,
      [
        ...[
          'x'.repeat(7),
          'x'.repeat(8),
          'x'.repeat(128),
          'x'.repeat(129),
          'with blank',
          'döötdööt',
          '❤️❤️❤️❤️',
        ],
        ...[12_345_678, null, ['x'.repeat(8)], 'device-one\n', undefined],
      ].map((deviceId) => ({ deviceId })),
    ],
    [login, [{}, { deviceId: 'device-one', admin: true }, [], null, 'device-one', 3]],
    [
      result,
      [
        scores(),
        scores(...Array(200).fill(score)),
        scores(...Array(201).fill(score)),
        scores({ ...score, admin: true }),
        scores({ playerId: 'anna' }),
        scores(score, null),
        scores([score]),
        { scores: score },
        ...['3', 1e9, 1e9 + 1, -1e9, -1e9 - 1, 0.1, null].map((points) =>
          scores({ ...score, score: points }),
        ),
        ...['a.b', '', 'constructor', 'x'.repeat(128), 'x'.repeat(129), 'anna\n', 7].map((playerId) =>
          scores({ ...score, playerId }),
        ),
      ],
    ],
  ])('forbids for %s exactly what the server refuses', async (path, bodies) => {
    const allowed = bodies.filter((body) => api.allowsBody('post', path, body));
    expect(allowed.length).toBeLessThan(bodies.length);
    for (const body of bodies) {
      const { status } = await ask('POST', path.replace('{id}', 'm1'), body);
      expect([body, status !== 400]).toEqual([body, api.allowsBody('post', path, body)]);
    }
  });

  it.each([
    [
      board,
      'limit',
      ['0', '1', '200', '201', '1.5', '5.0', '1e2', '0x10', 'ten', '', 'true', 'NaN', '+5', '05'],
    ],
    [board, 'offset', ['-1', '0', '100000000', '100000001', '', '%20', '%205']],
    [
      board,
      'period',
      ['current', 'previous', 'all', 'now', '', '20261128T000000Z', 'current%0A', '٢0261128T000000Z'],
    ],
    [board, 'other', ['1']],
    [me, 'around', ['0', '50', '51', '', '-0']],
  ])('forbids in the query of %s, for %s, exactly what the server refuses', async (path, name, texts) => {
    for (const text of texts) {
      const query = `${name}=${text}`;
      const { status } = await ask(
        'GET',
        `${path.replace('{board}', 'duel')}?${query}`,
        undefined,
        tokenOf('anna'),
      );
      expect([query, status !== 400]).toEqual([query, api.allowsQuery(path, query)]);
    }
  });

  it.each<[string, string, string, number, unknown?, string?]>([
    ['POST', login, login, 200, { deviceId: 'device-one' }],
    ['POST', login, login, 400, { deviceId: 1 }],
    ['POST', login, login, 413, { deviceId: 'x'.repeat(70_000) }],
    ['POST', result, '/v1/matches/m1/result', 404, scores(score)],
    ['POST', result, '/v1/matches/m1/result', 401, scores(score), 'no-key'],
    ['GET', board, '/v1/leaderboards/duel', 200],
    ['GET', board, '/v1/leaderboards/nothing', 404],
    ['GET', board, `/v1/leaderboards/${'x'.repeat(200)}`, 404],
    ['GET', board, '/v1/leaderboards/%', 400],
    ['GET', me, '/v1/leaderboards/duel/me', 200, undefined, tokenOf('anna')],
    ['GET', me, '/v1/leaderboards/duel/me', 401, undefined, 'no-token'],
    ['GET', '/v1/config', '/v1/config', 200, undefined, tokenOf('anna')],
  ])('tells how %s %s answers %s: %i', async (method, path, asked, status, ...[body, token]) => {
    const answer = await ask(method, asked, body, token);
    expect(answer.status).toBe(status);
    expect(
      api.faultOfAnswer(method.toLowerCase(), path, status, answer.mediaType, answer.body),
    ).toBeUndefined();
  });

  it('names the media type of a body: a form is refused', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}${login}`, {
      method: 'POST',
      body: new URLSearchParams({ deviceId: 'device-one' }),
    });
    expect([response.status, (await response.json()).code]).toEqual([415, 'INVALID']);
    expect(api.statusesOf('post', login)).toContain('415');
  });

  it('has every method of a path: another one is answered with those there are', async () => {
    expect(await ask('PUT', login, {})).toMatchObject({
      status: 405,
      allow: 'POST',
      body: { code: 'INVALID' },
    });
    expect(await ask('DELETE', '/v1/leaderboards/duel/me')).toMatchObject({
      status: 405,
      allow: 'GET, HEAD',
    });
    expect((await ask('DELETE', '/v1/nothing')).status).toBe(404);
  });
});
