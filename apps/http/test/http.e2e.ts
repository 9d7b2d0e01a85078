import { rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { jetstream, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { matchCreatedSubject, type MatchRecord } from '@ccgame/matchmaker/store';
import { firstTable, ReleaseStore, setCanary, setFallback } from '@ccgame/releases';
import { AuditTrail, Moderation } from '@ccgame/sessions';
import {
  type GameNats,
  startGameNats,
  type StartedServer,
  startServer,
  tokenOf,
  TraceReceiver,
  untilHolds,
} from '@ccgame/testing';
import { openProcess } from '../../../libs/sessions/test/process.js';

const serverKey = 'development-only-server-key-000000';
const bearer = { authorization: `Bearer ${serverKey}` };
/** JetStream's refusal of a compare-and-set. */
const wrongLastSequence = 10071;

describe('the http server', () => {
  let nats: GameNats;
  let connection: NatsConnection;
  let server: StartedServer;
  let traces: TraceReceiver;

  beforeAll(async () => {
    nats = await startGameNats();
    traces = await TraceReceiver.listen();
    connection = await connect({ servers: nats.address });
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
    await connection.close();
    await nats.destroy();
    await traces.close();
  });

  async function metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${server.healthPort}/metrics`)).text();
  }

  interface Answer {
    status: number;
    type: string | null;
    body: any;
  }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.json(),
    };
  }

  /** The server's answer to bytes, until it closes the connection. */
  async function raw(text: string): Promise<string> {
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  /** As matching writes it, by compare-and-set. Where it is already, it stays. */
  async function createMatch(matchId: string, ...players: string[]): Promise<void> {
    const record: MatchRecord = {
      matchId,
      mode: 'duel',
      version: '1.0.0000',
      teams: players.map((player) => [player]),
      createdAt: Date.now(),
    };
    const expect = { lastSubjectSequence: 0 };
    const subject = matchCreatedSubject(matchId);
    await jetstream(connection)
      .publish(subject, JSON.stringify(record), { expect })
      .catch((error: unknown) => {
        if (!(error instanceof JetStreamApiError) || error.code !== wrongLastSequence) throw error;
      });
  }

  /** As a game server does: for as long as the answer says that it may be tried again. */
  async function reportUntilTaken(matchId: string, result: object): Promise<Answer> {
    for (;;) {
      const answer = await call('POST', `/v1/matches/${matchId}/result`, result, bearer);
      if (answer.status !== 503) return answer;
      expect(answer.body).toMatchObject({ code: 'BUSY', retryable: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function storedIn(stream: string): Promise<number> {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(stream, { subjects_filter: '>' });
    const stored = Object.entries(state.subjects ?? {}).filter(([subject]) => !subject.includes('$probe'));
    return stored.reduce((sum, [, count]) => sum + count, 0);
  }

  const storedResults = (): Promise<number> => storedIn('LEADERBOARD_RESULTS');
  const storedGuests = (): Promise<number> => storedIn('KV_guests');

  /** Boards follow the stream: a result is on them a moment after it was stored. */
  async function untilOnBoard(playerId: string, score: number): Promise<void> {
    const place = async (): Promise<number | undefined> =>
      (await call('GET', `/v1/leaderboards/duel/players/${playerId}`)).body.player?.score;
    await untilHolds(async () => (await place()) === score);
  }

  describe('login', () => {
    it('gives a guest the same player id on each login of the device', async () => {
      const first = await call('POST', '/v1/login', { deviceId: 'device-one' });
      const second = await call('POST', '/v1/login', { deviceId: 'device-one' });
      const other = await call('POST', '/v1/login', { deviceId: 'device-two' });
      expect(first.status).toBe(200);
      expect(first.body).toEqual({
        playerId: expect.any(String),
        token: expect.any(String),
        expiresInSeconds: 900,
      });
      expect(second.body.playerId).toBe(first.body.playerId);
      expect(other.body.playerId).not.toBe(first.body.playerId);
    });

    it('makes one player of twenty first logins at once', async () => {
      const logins = Array.from({ length: 20 }, () =>
        call('POST', '/v1/login', { deviceId: 'device-storm' }),
      );
      const ids = (await Promise.all(logins)).map(({ body }) => body.playerId);
      expect(new Set(ids).size).toBe(1);
    });

    it('refuses a banned guest, and says why', async () => {
      const login = (): Promise<Answer> => call('POST', '/v1/login', { deviceId: 'device-banned' });
      const { playerId } = (await login()).body;
      const office = await openProcess('admin-0', nats.address, [AuditTrail, Moderation]);
      await office.get(Moderation).banPlayer(playerId, { by: 'olga', reason: 'sold gold' });
      await untilHolds(async () => (await login()).status === 403);
      expect((await login()).body).toMatchObject({ code: 'BANNED', details: { reason: 'sold gold' } });
      await office.get(Moderation).unbanPlayer(playerId, { by: 'olga', reason: 'served' });
      await untilHolds(async () => (await login()).status === 200);
      await office.close();
    });
  });

  describe('bad input', () => {
    let guestsBefore: number;
    beforeAll(async () => {
      guestsBefore = await storedGuests();
    });

    const wrong: Array<[string, unknown]> = [
      ['malformed JSON', '{"deviceId":'],
      ['a list', [1]],
      ['a number for a string', { deviceId: 12345678 }],
      ['a string that is too short', { deviceId: 'x' }],
      ['a string that is too long', { deviceId: 'x'.repeat(129) }],
      ['half of a surrogate pair', { deviceId: 'device-\ud800' }],
      ['the other half', { deviceId: 'device-\udc00-1' }],
      ['an unknown field', { deviceId: 'device-one', admin: true }],
      ['nothing', undefined],
    ];

    it.each(wrong)('answers %s with a problem', async (_, body) => {
      const answer = await call('POST', '/v1/login', body);
      expect(answer).toMatchObject({ status: 400, body: { status: 400, code: 'INVALID', retryable: false } });
      expect(answer.type).toContain('application/problem+json');
    });

    it('names every wrong field at once', async () => {
      const { body } = await call('POST', '/v1/login', { deviceId: 1, admin: true });
      const fields = new Set(body.details.problems.map(({ field }: { field: string }) => field));
      expect([...fields].sort()).toEqual(['admin', 'deviceId']);
    });

    it('refuses a body over 64 KiB', async () => {
      const answer = await call('POST', '/v1/login', { deviceId: 'x'.repeat(70_000) });
      expect(answer).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
    });

    it('answers an unknown path with a problem', async () => {
      expect(await call('GET', '/v1/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    });

    it.each([
      ['that is no URL', '/v1/leaderboards/%', 400, 'INVALID'],
      ['that is too long', `/v1/leaderboards/${'x'.repeat(200)}`, 404, 'NOT_FOUND'],
    ])('answers a path %s with a problem', async (_, path, status, code) => {
      const answer = await call('GET', path);
      expect(answer).toMatchObject({ status, body: { status, code, retryable: false } });
      expect(answer.type).toContain('application/problem+json');
    });

    it('answers bytes that are no request with a problem', async () => {
      const answers = await Promise.all([
        raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
        raw('hello\r\n\r\n'),
      ]);
      expect(answers[0]).toMatch(/^HTTP\/1.1 431 .*problem\+json.*"code":"TOO_LARGE"/s);
      expect(answers[1]).toMatch(/^HTTP\/1.1 400 .*problem\+json.*"code":"INVALID"/s);
    });

    it('takes a token with the scheme in any case, and none with another', async () => {
      const withToken = (authorization: string) => call('GET', '/v1/config', undefined, { authorization });
      expect((await withToken(`bearer ${tokenOf('anna')}`)).status).toBe(200);
      expect((await withToken(`Basic ${tokenOf('anna')}`)).status).toBe(401);
    });

    it.each<[string, string]>([
      ['that is no token', 'x.y.z'],
      ['that has expired', tokenOf('anna', { expiresInMs: -1_000 })],
      ['that somebody else signed', tokenOf('anna', { key: 'another-secret-another-secret-00' })],
    ])('refuses a token %s', async (_, token) => {
      const answer = await call('GET', '/v1/config', undefined, { authorization: `Bearer ${token}` });
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    });

    it.each(['limit=0', 'limit=201', 'limit=x', 'offset=-1', 'period=yesterday', 'other=1'])(
      'refuses the query %s',
      async (query) => {
        expect(await call('GET', `/v1/leaderboards/duel?${query}`)).toMatchObject({
          status: 400,
          body: { code: 'INVALID' },
        });
      },
    );

    it('has stored nothing of all that, and the server goes on', async () => {
      expect(await storedGuests()).toBe(guestsBefore);
      expect((await call('POST', '/v1/login', { deviceId: 'device-one' })).status).toBe(200);
      expect(await server.process.isReady()).toBe(true);
    });
  });

  describe('a match result', () => {
    const scores = [
      { playerId: 'anna', score: 3 },
      { playerId: 'ben', score: 1 },
    ];

    it('is stored once and shown on the board', async () => {
      await createMatch('m1', 'anna', 'ben');
      const answer = await call('POST', '/v1/matches/m1/result', { scores }, bearer);
      expect(answer).toMatchObject({
        status: 200,
        body: { matchId: 'm1', mode: 'duel', version: '1.0.0000', isRepeated: false },
      });
      await untilOnBoard('anna', 3);
      const entries = [
        { rank: 1, playerId: 'anna', score: 3 },
        { rank: 2, playerId: 'ben', score: 1 },
      ];
      const { body } = await call('GET', '/v1/leaderboards/duel');
      expect(body).toMatchObject({ board: 'duel', isSettled: false, players: 2, entries });
      const me = await call('GET', '/v1/leaderboards/duel/me?around=1', undefined, {
        authorization: `Bearer ${tokenOf('ben')}`,
      });
      expect(me.body).toMatchObject({ player: entries[1], entries });
      expect((await call('GET', '/v1/leaderboards/duel/me')).status).toBe(401);
      expect((await call('GET', '/v1/leaderboards/duel/players/nobody')).status).toBe(404);
      expect((await call('GET', '/v1/leaderboards/nothing')).status).toBe(404);
      expect((await call('GET', '/v1/leaderboards/duel?period=20200101T000000Z')).status).toBe(404);
    });

    it('may be reported again, in any order of players, and counts once', async () => {
      await createMatch('m2', 'anna', 'ben');
      const reports = Array.from({ length: 10 }, (_, i) =>
        call('POST', '/v1/matches/m2/result', { scores: i % 2 ? scores : [...scores].reverse() }, bearer),
      );
      const answers = await Promise.all(reports);
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(answers.filter(({ body }) => !body.isRepeated)).toHaveLength(1);
      await untilOnBoard('anna', 6);
    });

    it.each(['bearer', 'BEARER', 'Bearer '])('is taken with the scheme written %j', async (scheme) => {
      await createMatch('m5', 'anna', 'ben');
      const authorization = `${scheme} ${serverKey}`;
      const answer = await call('POST', '/v1/matches/m5/result', { scores }, { authorization });
      expect(answer.status).toBe(200);
    });

    it('is refused, and nothing stored, when it differs from the first', async () => {
      await createMatch('m3', 'cara', 'dan');
      const first = [
        { playerId: 'cara', score: 3 },
        { playerId: 'dan', score: 1 },
      ];
      await call('POST', '/v1/matches/m3/result', { scores: first }, bearer);
      const before = await storedResults();
      const other = [{ playerId: 'cara', score: 0 }, first[1]];
      expect(await call('POST', '/v1/matches/m3/result', { scores: other }, bearer)).toMatchObject({
        status: 409,
        body: { code: 'CONFLICT' },
      });
      expect(await storedResults()).toBe(before);
      await untilOnBoard('cara', 3);
    });

    it.each<[string, number, string, unknown, Record<string, string>]>([
      ['an unknown match', 404, '/v1/matches/nowhere/result', { scores }, bearer],
      ['a match id that is no token', 404, '/v1/matches/a.*.%3E/result', { scores }, bearer],
      ['no server key', 401, '/v1/matches/m4/result', { scores }, {}],
      ['a wrong server key', 401, '/v1/matches/m4/result', { scores }, { authorization: 'Bearer x' }],
      ['a stranger', 409, '/v1/matches/m4/result', { scores: [{ playerId: 'eve', score: 1 }] }, bearer],
      ['a player named twice', 409, '/v1/matches/m4/result', { scores: [scores[0], scores[0]] }, bearer],
      [
        'a score that is no number',
        400,
        '/v1/matches/m4/result',
        { scores: [{ playerId: 'anna', score: '3' }] },
        bearer,
      ],
      ['no scores', 400, '/v1/matches/m4/result', { scores: [] }, bearer],
      ['malformed JSON', 400, '/v1/matches/m4/result', '{"scores":[', bearer],
      ['a body over 64 KiB', 413, '/v1/matches/m4/result', { scores, note: 'x'.repeat(70_000) }, bearer],
    ])('is refused for %s, and nothing stored', async (_, status, path, body, headers) => {
      await createMatch('m4', 'anna', 'ben');
      const before = await storedResults();
      expect((await call('POST', path, body, headers)).status).toBe(status);
      expect(await storedResults()).toBe(before);
    });
  });

  describe('the client configuration', () => {
    let store: ReleaseStore;
    const note = { who: 'test', why: 'test', action: 'test' };

    beforeAll(async () => {
      store = await ReleaseStore.open(connection);
      await store.writeFirstTable(firstTable('production', '1.0.0000', ['1.0.0001']), note);
      const rules = [
        { players: ['cleo'] },
        { header: { name: 'X-Track', value: 'beta' } },
        { cookie: { name: 'track', value: 'beta' } },
        { region: 'eu', build: { from: 100, to: 200 } },
      ];
      // The canary has no http servers of its own: its players are answered here.
      await store.changeTable('production', setFallback('http', '1.0.0001', '1.0.0000'), note);
      await store.changeTable('production', setCanary('1.0.0001', { rules }), note);
      await untilHolds(async () => (await config('', { 'x-track': 'beta' })).version === '1.0.0001');
    });

    const ask = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${server.port}/v1/config${query}`, { headers });
    const config = async (query: string, headers?: Record<string, string>): Promise<any> =>
      (await ask(query, headers)).json();
    const token = (player: string) => ({ authorization: `Bearer ${tokenOf(player)}` });

    it.each<[string, string, Record<string, string>, string]>([
      ['nobody is known', '', {}, '1.0.0000'],
      ['a rule names the player', '', token('cleo'), '1.0.0001'],
      ['no rule names the player', '', token('dora'), '1.0.0000'],
      ['a rule names a header', '', { 'x-track': 'beta' }, '1.0.0001'],
      ['a rule names a cookie', '', { cookie: 'a=b; track=beta' }, '1.0.0001'],
      ['a rule names region and build', '?region=eu&build=150', {}, '1.0.0001'],
      ['only half of a rule fits', '?region=eu&build=201', {}, '1.0.0000'],
    ])('names the version of the release table where %s', async (_, query, headers, version) => {
      const { port } = server;
      expect(await config(query, headers)).toEqual({
        version,
        httpUrl: `http://127.0.0.1:${port}`,
        wsUrl: `ws://127.0.0.1:${port}`,
      });
    });

    it('is kept by the client alone, for half a minute, and by every header that a rule asks for', async () => {
      const { headers } = await ask('', token('cleo'));
      expect(headers.get('cache-control')).toBe('private, max-age=30, must-revalidate');
      const vary = (headers.get('vary') ?? '').split(', ');
      expect(vary).toEqual(expect.arrayContaining(['authorization', 'cookie', 'x-track']));
    });

    it('is not sent again while it is the same, and is when it changed', async () => {
      const first = await ask('');
      const etag = first.headers.get('etag') ?? '';
      for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await ask('', { 'if-none-match': tags });
        expect([again.status, await again.text()]).toEqual([304, '']);
        expect(again.headers.get('etag')).toBe(etag);
        expect(again.headers.get('vary')).toContain('x-track');
        expect(again.headers.get('cache-control')).toContain('private');
      }
      const other = await ask('', { 'if-none-match': etag, 'x-track': 'beta' });
      expect([other.status, other.headers.get('etag') === etag]).toEqual([200, false]);
    });

    it('gives newcomers their share of a canary from their login on, and the same to each who asks again', async () => {
      await store.changeTable('production', setCanary('1.0.0001', { weight: 30 }), note);
      await untilHolds(async () => (await versionsOf(someTokens)).includes('1.0.0001'));
      const logins = Array.from({ length: 400 }, (_, device) =>
        call('POST', '/v1/login', { deviceId: `newcomer-${device}` }),
      );
      const tokens = (await Promise.all(logins)).map(({ body }) => ({
        authorization: `Bearer ${body.token}`,
      }));
      const versions = await versionsOf(tokens);
      const share = versions.filter((version) => version === '1.0.0001').length;
      // Five standard deviations of 30 % of 400.
      expect(Math.abs(share - 120)).toBeLessThan(46);
      expect(await versionsOf(tokens)).toEqual(versions);
      expect((await config('')).version).toBe('1.0.0000');
    });

    const someTokens = Array.from({ length: 30 }, (_, player) => token(`some-${player}`));
    const versionsOf = (tokens: Record<string, string>[]): Promise<string[]> =>
      Promise.all(tokens.map(async (headers) => (await config('', headers)).version as string));

    it('is refused to a token that is not good', async () => {
      const answer = await ask('', { authorization: 'Bearer forged' });
      expect([answer.status, await answer.json()]).toEqual([
        401,
        expect.objectContaining({ code: 'UNAUTHENTICATED' }),
      ]);
      expect(answer.headers.get('etag')).toBeNull();
    });
  });

  it('goes on with the trace that a client sends, and makes one for others', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    await call('POST', '/v1/login', { deviceId: 'device-traced' }, { traceparent });
    const spans = await traces.untilTrace('POST /v1/login', ([first]) => first?.traceId === trace);
    const span = spans.find(({ kind }) => kind === 2);
    expect(span).toMatchObject({ parentSpanId: '00f067aa0ba902b7', service: 'http' });
    // The new guest's record is within it.
    expect(spans).toContainEqual(
      expect.objectContaining({ name: 'JetStream publish', parentSpanId: span?.spanId }),
    );
    expect(span?.attributes).toMatchObject({ 'http.response.status_code': 200 });
    await call('GET', '/v1/config', undefined, { traceparent: 'nonsense' });
    const [own] = await traces.untilTrace('GET /v1/config');
    expect(own?.parentSpanId ?? '').toBe('');
  });

  it('counts requests by route, and gives paths that clients make up no label of their own', async () => {
    await call('GET', '/v1/made-up/by-a-client');
    const text = await metrics();
    expect(text).toMatch(/^ccgame_http_requests_total\{route="POST \/v1\/login",status="200",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_http_request_seconds_count\{.*route="POST \/v1\/login".*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_http_requests_total\{route="other",status="404",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_http_problems_total\{route="POST \/v1\/login",code="INVALID",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_http_problems_total\{route="other",code="NOT_FOUND",.*\} [1-9]/m);
    expect(text).toMatch(/^ccgame_http_requests_in_flight\{.*\} 0$/m);
    expect(text).toMatch(/^ccgame_accounts_logins_total\{guest="new",.*\} [1-9]/m);
    expect(text).not.toContain('made-up');
  });

  it('is not ready while NATS is away, and serves on when it is back', async () => {
    await nats.stop('SIGKILL');
    await untilHolds(async () => !(await server.process.isReady()));
    const away = await metrics();
    expect(away).toMatch(/^ccgame_nats_connected\{.*\} 0$/m);
    expect(away).toMatch(/^ccgame_server_ready\{.*\} 0$/m);
    expect(away).toMatch(/^ccgame_server_not_ready\{missing="nats",.*\} 1$/m);
    // The game server is to try again; of anything else it would believe that the result was refused.
    const scores = [{ playerId: 'eli', score: 3 }];
    expect(await call('POST', '/v1/matches/away/result', { scores }, bearer)).toMatchObject({
      status: 503,
      body: { code: 'BUSY', retryable: true },
    });
    await nats.start();
    await untilHolds(() => server.process.isReady());
    await untilHolds(
      async () => (await call('POST', '/v1/login', { deviceId: 'device-one' })).status === 200,
    );
    await untilHolds(() =>
      createMatch('away', 'eli', 'ben').then(
        () => true,
        () => false,
      ),
    );
    expect(await reportUntilTaken('away', { scores })).toMatchObject({ status: 200 });
    await untilOnBoard('eli', 3);
    expect(await metrics()).toMatch(/^ccgame_nats_reconnects_total\{.*\} [1-9]\d*$/m);
  });

  it('needs no restart when NATS comes back without its files', async () => {
    await nats.stop('SIGKILL');
    rmSync(join(nats.folder, 'jetstream'), { recursive: true });
    await nats.start();
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    const storage = await startServer({ ...where, serverType: 'storage', version: '1.0.0000' });
    // One device may ask 30 times a minute.
    await untilHolds(
      async () => (await call('POST', '/v1/login', { deviceId: `device-${Math.random()}` })).status === 200,
    );
    await untilHolds(() =>
      createMatch('m6', 'anna', 'ben').then(
        () => true,
        () => false,
      ),
    );
    const answer = await reportUntilTaken('m6', { scores: [{ playerId: 'anna', score: 3 }] });
    expect(answer).toMatchObject({ status: 200, body: { isRepeated: false } });
    await untilOnBoard('anna', 3);
    await storage.process.stop();
  });
});
