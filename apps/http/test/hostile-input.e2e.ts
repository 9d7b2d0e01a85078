import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { type GameNats, startGameNats, type StartedServer, startServer, untilHolds } from '@ccgame/testing';

const serverKey = 'development-only-server-key-000000';
/** The key is being changed. */
const newerKey = 'development-only-server-key-000001';

interface Answer {
  status: number;
  retryAfter: number;
  body: any;
}

describe('the http server, asked by nobody who means well', () => {
  let nats: GameNats;
  let server: StartedServer;
  let addresses = 0;

  beforeAll(async () => {
    nats = await startGameNats();
    server = await startServer({
      root: process.cwd(),
      serverType: 'http',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
      env: {
        LOGINS_PER_ADDRESS: '20',
        LOGINS_PER_DEVICE: '3',
        RESULTS_PER_KEY: '30',
        WRONG_KEYS_PER_ADDRESS: '10',
        TRUSTED_PROXIES: '127.0.0.1',
        SERVER_KEY: `${newerKey},${serverKey}`,
      },
    });
    await server.process.untilReady();
  });
  afterAll(async () => {
    await server.process.stop();
    await nats.destroy();
  });

  async function call(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      body,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
    return { status: response.status, retryAfter, body: await response.json() };
  }

  /** Headers of an address that nobody else has. */
  const newAddress = (): Record<string, string> => ({ 'x-forwarded-for': `203.0.113.${++addresses}` });
  const login = (body: unknown, headers = newAddress()): Promise<Answer> =>
    call('POST', '/v1/login', typeof body === 'string' ? body : JSON.stringify(body), headers);
  const statuses = async (count: number, ask: (index: number) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
  const report = (
    body: string,
    authorization = `Bearer ${serverKey}`,
    headers: Record<string, string> = {},
  ): Promise<Answer> => call('POST', '/v1/matches/m1/result', body, { authorization, ...headers });

  const keys = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i])));
  const nested = (open: string, close: string, times: number, inside = ''): string =>
    `${open.repeat(times)}${inside}${close.repeat(times)}`;

  const bodies: Array<[string, string]> = [
    ['30,000 lists in each other', nested('[', ']', 30_000)],
    ['10,000 objects in each other', nested('{"a":', '}', 10_000, '1')],
    ['33 levels', nested('{"a":', '}', 33, '1')],
    ['deep below a known field', `{"deviceId":${nested('[', ']', 20_000)}}`],
    ['4,500 unknown fields', keys(4_500)],
    ['20,000 empty objects', `{"scores":[${Array(20_000).fill('{}').join()}]}`],
    ['200 scores of nothing', `{"scores":[${Array(200).fill('{"a":1,"b":2}').join()}]}`],
    ['30,000 numbers', `{"scores":[${Array(30_000).fill('1').join()}]}`],
    ['a number that is none', '{"deviceId":1e999}'],
    ['__proto__', '{"deviceId":"device-proto","__proto__":{"admin":true}}'],
    ['constructor.prototype', '{"deviceId":"device-proto","constructor":{"prototype":{"admin":true}}}'],
    ['toString', '{"deviceId":"device-proto","toString":1,"hasOwnProperty":2}'],
    ['a lone surrogate', '{"deviceId":"device-\\ud800-x"}'],
    ['an unclosed list', '['.repeat(60_000)],
    ['null', 'null'],
    ['text', '"device-one"'],
  ];

  it.each(bodies)('answers %s with what is wrong', async (_, body) => {
    for (const answer of [await login(body), await report(body)]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID', retryable: false } });
      const { problems } = answer.body.details;
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.length).toBeLessThanOrEqual(10);
      for (const problem of problems)
        expect(problem).toEqual({ field: expect.any(String), rule: expect.any(String) });
    }
  });

  it.each([
    ['many parameters', Array.from({ length: 2_000 }, (_, i) => `k${i}`).join('&')],
    ['one parameter many times', Array(1_000).fill('limit=1').join('&')],
    ['a limit that is two', 'limit=1&limit=2'],
    ['a limit without end', 'limit=1e999'],
    ['a period that is two', 'period=previous&period=current'],
  ])('answers a query of %s with what is wrong', async (_, query) => {
    expect(await call('GET', `/v1/leaderboards/duel?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID', details: { problems: expect.any(Array) } },
    });
  });

  it('takes __proto__ in a query for nothing', async () => {
    expect(await call('GET', '/v1/leaderboards/duel?__proto__=1')).toMatchObject({
      status: 200,
      body: { entries: [] },
    });
  });

  it.each(['build=1&build=2&region=a&region=b', '__proto__=1', 'build=1e9', 'region[x]=1'])(
    'gives the client configuration to the query %s',
    async (query) => {
      expect((await call('GET', `/v1/config?${query}`)).status).toBe(200);
    },
  );

  it.each(['Bearer', 'bearer', 'BEARER'])('takes the server key behind %s', async (scheme) => {
    expect((await report('{}', `${scheme} ${serverKey}`)).status).toBe(400);
    expect((await report('{}', `${scheme}${serverKey}`)).status).toBe(401);
  });

  it('takes either server key while the key is changed, and neither a third one nor both as one', async () => {
    const statusOf = async (key: string): Promise<number> =>
      (await report('{}', `Bearer ${key}`, newAddress())).status;
    for (const key of [newerKey, serverKey]) expect(await statusOf(key)).toBe(400);
    const strangers = ['development-only-server-key-000002', `${newerKey},${serverKey}`, ','];
    for (const key of strangers) expect(await statusOf(key)).toBe(401);
  });

  describe('limits', () => {
    const refused = (answers: Answer[]): Answer[] => answers.filter(({ status }) => status !== 200);

    it('the logins of an address, and says when to come back', async () => {
      const address = newAddress();
      const answers = await statuses(25, (i) => login({ deviceId: `device-address-${i}` }, address));
      expect(refused(answers)).toHaveLength(5);
      for (const { status, retryAfter, body } of refused(answers)) {
        expect([status, body.code, body.retryable]).toEqual([429, 'RATE_LIMITED', true]);
        expect(retryAfter).toBeGreaterThan(0);
        expect(retryAfter).toBeLessThanOrEqual(60);
      }
      expect((await login({ deviceId: 'device-of-another' })).status).toBe(200);
    });

    it('the logins of a device, from wherever they come', async () => {
      const answers = await statuses(6, () => login({ deviceId: 'device-of-many' }));
      expect(refused(answers).map(({ status }) => status)).toEqual([429, 429, 429]);
    });

    it('a device that logs in again and again, before it takes the logins of others at its address', async () => {
      const address = newAddress();
      const answers = await statuses(30, () => login({ deviceId: 'device-in-a-loop' }, address));
      expect(refused(answers)).toHaveLength(27);
      const neighbours = await statuses(17, (i) => login({ deviceId: `device-next-door-${i}` }, address));
      expect(refused(neighbours)).toEqual([]);
    });

    it('bodies that are no login at all, as they cost the same', async () => {
      const address = newAddress();
      const answers = await statuses(25, () => login('{}', address));
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    });

    it('an address by what a trusted proxy saw, not by what the client says of itself', async () => {
      const client = newAddress()['x-forwarded-for'];
      const answers = await statuses(25, (i) =>
        login(
          { deviceId: `device-liar-${i}` },
          { 'x-forwarded-for': `10.0.0.${i}, 198.51.100.${i}, ${client}` },
        ),
      );
      expect(refused(answers)).toHaveLength(5);
    });

    it.each([
      ['its port, which is another one for each connection', (i: number) => `198.51.100.7:${50_000 + i}`],
      ['its port and its proxies’', (i: number) => `198.51.100.8, 127.0.0.1:${50_000 + i}`],
      ['the port of an address of IPv6', (i: number) => `[2001:db8:7::${i + 1}]:${50_000 + i}`],
      ['IPv4 within IPv6', () => '::ffff:198.51.100.9'],
    ])('an address behind a proxy that writes %s', async (_, header) => {
      const answers = await statuses(25, (i) =>
        login(
          { deviceId: `device-port-${header(1)}-${i}`.replace(/[^a-z0-9-]/g, '') },
          { 'x-forwarded-for': header(i) },
        ),
      );
      expect(refused(answers)).toHaveLength(5);
    });

    it('a network of IPv6 as one address', async () => {
      const answers = await statuses(25, (i) =>
        login({ deviceId: `device-six-${i}` }, { 'x-forwarded-for': `2001:db8::${i + 1}` }),
      );
      expect(refused(answers)).toHaveLength(5);
    });

    it('the wrong server keys of an address, where the right one is taken all the same', async () => {
      const address = newAddress();
      const guesses = await statuses(25, (i) => report('{}', `Bearer guess-${i}`, address));
      const [wrong, limited] = [401, 429].map((code) => guesses.filter(({ status }) => status === code));
      expect([wrong.length, limited.length]).toEqual([10, 15]);
      for (const { retryAfter, body } of limited) {
        expect([body.code, body.retryable]).toEqual(['RATE_LIMITED', true]);
        expect(retryAfter).toBeGreaterThan(0);
      }
      expect((await report('{}', undefined, address)).status).toBe(400);
      expect((await report('{}', 'Bearer guess', newAddress())).status).toBe(401);
    });

    it('the results of a key, and none who has no key uses them up', async () => {
      await statuses(40, () => report('{}', 'Bearer wrong'));
      const answers = await statuses(40, () => report('{}'));
      const codes = answers.map(({ status }) => status);
      expect(codes).toContain(400);
      expect(codes.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
    });
  });

  it('counts each login that NATS answers and has no room for, as it costs NATS what another does', async () => {
    const address = newAddress();
    const operator = await connect({ servers: nats.address });
    const { streams } = await jetstreamManager(operator);
    const { config } = await streams.info('KV_guests');
    await streams.update('KV_guests', { max_bytes: 1 });
    const seen = await statuses(25, (i) => login({ deviceId: `device-no-room-${i}` }, address));
    await streams.update('KV_guests', { max_bytes: config.max_bytes });
    await operator.close();
    const codes = seen.map(({ status }) => status).sort((a, b) => a - b);
    expect(codes).toEqual([...Array<number>(5).fill(429), ...Array<number>(20).fill(503)]);
    expect((await login({ deviceId: 'device-no-room-25' }, address)).status).toBe(429);
  });

  it('asks to come back while NATS is away, at every endpoint that needs it', async () => {
    await nats.stop('SIGKILL');
    const answers = await Promise.all([
      login({ deviceId: 'device-while-away' }),
      call('GET', '/v1/leaderboards/duel?period=20260101T000000Z'),
    ]);
    for (const { status, retryAfter, body } of answers)
      expect([status, retryAfter, body.code, body.retryable]).toEqual([503, 1, 'BUSY', true]);
    expect((await call('GET', '/v1/config')).status).toBe(200);
    expect((await call('GET', '/v1/leaderboards/duel')).status).toBe(200);
    await nats.start();
    const back = async (): Promise<boolean> => (await login({ deviceId: 'device-back' })).status === 200;
    await untilHolds(back);
  });

  it('counts no login that failed as NATS was away: neither a device nor its address is told to wait after it', async () => {
    const address = newAddress();
    const loginOf = (deviceId: string): Promise<Answer> => login({ deviceId }, address);
    const tryAgain = (): Promise<Answer> => loginOf('device-that-tried');
    await nats.stop('SIGKILL');
    // As many at once as the address and the device may have under way: each waits, and a minute is to hold them all.
    for (const round of [1, 2]) {
      const answers = await statuses(20, (i) => (i < 3 ? tryAgain() : loginOf(`device-${round}-${i}`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503));
    }
    await nats.start();
    const seen: number[] = [];
    await untilHolds(async () => seen[seen.push((await tryAgain()).status) - 1] === 200);
    for (let i = 0; i < 3; i += 1) seen.push((await tryAgain()).status);
    expect([...new Set(seen.slice(0, -4))].filter((status) => status !== 503)).toEqual([]);
    expect(seen.slice(-4)).toEqual([200, 200, 200, 429]);
  });
});
