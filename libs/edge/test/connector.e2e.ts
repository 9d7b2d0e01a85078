import { io, type Socket } from 'socket.io-client';
import { type GameNats, startGameNats, type StartedServer, startServer, tokenOf } from '@ccgame/testing';

/** A plain socket.io client, without the SDK. */
describe('the connector', () => {
  let nats: GameNats;
  let connector: StartedServer;
  let matching: StartedServer;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    const options = {
      root: process.cwd(),
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    };
    connector = await startServer({ ...options, serverType: 'connector' });
    matching = await startServer({ ...options, serverType: 'matching' });
    await Promise.all([connector.process.untilReady(), matching.process.untilReady()]);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all([connector.process.stop(), matching.process.stop()]);
    await nats.destroy();
  });

  function open(auth: object): Promise<Socket> {
    const socket = io(`http://127.0.0.1:${connector.port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth,
    });
    sockets.push(socket);
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(socket));
      socket.once('connect_error', reject);
    });
  }

  async function player(playerId: string): Promise<Socket> {
    return open({ token: tokenOf(playerId), version: '1.0.0000' });
  }

  function ask(socket: Socket, message: unknown): Promise<any> {
    const answer = new Promise((resolve) => socket.once('Response', resolve));
    socket.emit('Request', message);
    return answer;
  }

  const join = { route: 'matching.user_join_matching', data: { mode: 'duel' }, timestamp: 1 };

  it('matches two players and pushes `matched` to both, the same', async () => {
    const players = [await player('anna'), await player('ben')];
    const pushes = players.map((socket) => new Promise<any>((resolve) => socket.once('Push', resolve)));
    const answers = await Promise.all(players.map((socket) => ask(socket, join)));
    expect(answers[0]).toEqual({
      route: join.route,
      timestamp: 1,
      data: expect.objectContaining({ ticketId: expect.any(String), mode: 'duel' }),
    });
    const [first, second] = await Promise.all(pushes);
    expect(first.route).toBe('matched');
    expect(first.data).toEqual(second.data);
    expect(first.data).toMatchObject({ mode: 'duel', version: '1.0.0000' });
  });

  it('listens on IPv6 and IPv4', async () => {
    for (const host of ['127.0.0.1', '[::1]'])
      expect((await fetch(`http://${host}:${connector.port}/socket.io/?EIO=3`)).status).toBe(400);
  });

  it('lets a player leave the queue', async () => {
    const anna = await player('anna');
    await ask(anna, join);
    expect(await ask(anna, { route: 'matching.user_leave_matching', data: {}, timestamp: 2 })).toMatchObject({
      timestamp: 2,
      data: { outcome: 'left' },
    });
  });

  describe('refuses a socket', () => {
    async function refusal(auth: object): Promise<unknown> {
      return open(auth).then(
        () => 'let in',
        (error: { data: { code: string } }) => error.data.code,
      );
    }

    it('without a token', async () => {
      expect(await refusal({ version: '1.0.0000' })).toBe('UNAUTHENTICATED');
    });
    it('with a token that is no token', async () => {
      expect(await refusal({ token: 'x.y.z' })).toBe('UNAUTHENTICATED');
      expect(await refusal({ token: { sub: 'anna' } })).toBe('UNAUTHENTICATED');
      expect(await refusal({ token: 'x'.repeat(10_000) })).toBe('UNAUTHENTICATED');
    });
    it('with an expired token', async () => {
      expect(await refusal({ token: tokenOf('anna', { expiresInMs: -1_000 }) })).toBe('UNAUTHENTICATED');
    });
    it('with a token that somebody else signed', async () => {
      const key = 'another-secret-another-secret-00';
      expect(await refusal({ token: tokenOf('anna', { key }) })).toBe('UNAUTHENTICATED');
    });
    it('with a token that is not signed', async () => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: 'ccgame', sub: 'anna', exp: Math.floor(Date.now() / 1000) + 100 };
      expect(await refusal({ token: `${part({ alg: 'none' })}.${part(claims)}.` })).toBe('UNAUTHENTICATED');
    });
  });

  describe('answers with a typed error', () => {
    const problem = { field: expect.any(String), rule: expect.any(String) };
    it.each<[string, unknown, string]>([
      ['a message that is no object', 'hello', 'INVALID'],
      ['null', null, 'INVALID'],
      ['a route that is no string', { ...join, route: 7 }, 'INVALID'],
      ['a timestamp that is no number', { ...join, timestamp: 'now' }, 'INVALID'],
      ['a version that is none', { ...join, version: '*' }, 'INVALID'],
      ['an unknown field', { ...join, admin: true }, 'INVALID'],
      ['no data', { route: join.route, timestamp: 1 }, 'INVALID'],
      ['data of the wrong type', { ...join, data: { mode: 7 } }, 'INVALID'],
      ['data with an unknown field', { ...join, data: { mode: 'duel', admin: true } }, 'INVALID'],
      ['an unknown server type', { ...join, route: 'nothing.at_all' }, 'NO_SERVER'],
      ['an unknown handler', { ...join, route: 'matching.nothing' }, 'NO_SERVER'],
      ['a route that is a subject', { ...join, route: 'rpc.any.matching.1_0_0000.x' }, 'UNKNOWN_ROUTE'],
      ['a route with a wildcard', { ...join, route: 'matching.*' }, 'UNKNOWN_ROUTE'],
      ['a version that nobody serves', { ...join, version: '9.9.9999' }, 'NO_SERVER'],
    ])('%s', async (_, message, code) => {
      const answer = await ask(await player('carl'), message);
      expect(answer.error).toMatchObject({
        code,
        message: expect.any(String),
        retryable: expect.any(Boolean),
        ...(code === 'INVALID' && { details: { problems: expect.arrayContaining([problem]) } }),
      });
      expect(answer.data).toBeUndefined();
    });
  });

  it('ends the connection of a player who sends an oversized message, and no other', async () => {
    const [big, other] = [await player('big'), await player('other')];
    const closed = new Promise((resolve) => big.once('disconnect', resolve));
    big.emit('Request', { ...join, data: { mode: 'x'.repeat(100_000) } });
    await closed;
    expect((await ask(other, join)).data).toBeDefined();
  });

  it('goes on after all that', async () => {
    expect(await connector.process.isReady()).toBe(true);
    expect(await matching.process.isReady()).toBe(true);
  });
});
