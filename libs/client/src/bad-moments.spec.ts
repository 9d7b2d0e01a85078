import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untilHolds } from '@ccgame/testing';
import { Server, type Socket } from 'socket.io';
import type { Client } from './client.js';
import { connect } from './connect.js';
import type { ClientError } from './errors.js';
import type { ConnectOptions } from './options.js';

const session = { session: 's1', position: 0, recovered: true, serverId: 'connector-0', playerId: 'anna' };

/** A refusal of the handshake. */
const refused = (code: string, retryable: boolean, retryAfterMs?: number) =>
  Object.assign(new Error(code), { data: { code, retryable, retryAfterMs } });

describe('a session that ends, or is to move, at a bad moment', () => {
  let http: HttpServer;
  let server: Server;
  let client: Client | undefined;
  let url: string;
  let sockets: Socket[];
  let onConnection: (socket: Socket, number: number) => void;
  let refuse: (socket: Socket) => Error | undefined | Promise<Error | undefined>;

  beforeEach(async () => {
    http = createServer();
    server = new Server(http);
    sockets = [];
    onConnection = (socket) => push(socket, 'session.opened', session);
    refuse = () => undefined;
    server.use((socket, next) => void Promise.resolve(refuse(socket)).then(next));
    server.on('connection', (socket) => onConnection(socket, sockets.push(socket)));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    client?.close();
    await server.close();
  });

  const push = (socket: Socket, route: string, data: object) => void socket.emit('Push', { route, data });

  function open(options: Partial<ConnectOptions> = {}): Client {
    client = connect({ url, token: 'x.y.z', version: '1.0.0000', ...options });
    client.ready.catch(() => undefined);
    return client;
  }

  /** @param code `KICKED`; the session can't be resumed */
  function closeForGood(socket: Socket, code: string, more = {}): void {
    push(socket, 'session.closed', { code, reconnect: false, ...more });
    socket.disconnect(true);
  }

  /** Longer than the pause between the first tries. */
  const stay = () => new Promise((resolve) => setTimeout(resolve, 1_000));

  it('stays away where it was closed for good before it was open, and says why', async () => {
    onConnection = (socket) => closeForGood(socket, 'BANNED', { reason: 'cheating', until: 7 });
    const error: unknown = await open().ready.catch((caught: ClientError) => caught);
    expect(error).toMatchObject({
      code: 'BANNED',
      retryable: false,
      details: { reason: 'cheating', until: 7 },
    });
    await stay();
    expect([client?.state, sockets.length]).toEqual(['closed', 1]);
  });

  it('is elsewhere where another tab went on before it was open, until the player takes it back', async () => {
    onConnection = (socket, number) =>
      number === 1 ? closeForGood(socket, 'DUPLICATE') : push(socket, 'session.opened', session);
    const player = open();
    await untilHolds(() => player.state === 'elsewhere');
    await stay();
    expect(sockets).toHaveLength(1);
    player.continueHere();
    await player.ready;
    expect(sockets).toHaveLength(2);
  });

  it('comes again where it was closed before it was open, not for good', async () => {
    onConnection = (socket, number) => {
      if (number > 1) return push(socket, 'session.opened', session);
      push(socket, 'session.closed', { code: 'DRAINING', reconnect: true });
      socket.disconnect(true);
    };
    await open().ready;
    expect(sockets).toHaveLength(2);
  });

  it.each([
    [
      'opens',
      (socket: Socket) => void setTimeout(() => push(socket, 'session.opened', session), 300),
      () => undefined,
    ],
    ['waits', () => undefined, () => refused('BUSY', true)],
  ])('stays elsewhere though the next socket of a move %s', async (_, opens, refuses) => {
    let tries = 0;
    const player = open();
    await player.ready;
    onConnection = opens;
    refuse = () => {
      tries += 1;
      return refuses();
    };
    push(sockets[0], 'session.move', { withinMs: 1_000 });
    await untilHolds(() => tries > 0);
    const states: string[] = [];
    player.on('state', (state) => states.push(state));
    closeForGood(sockets[0], 'DUPLICATE');
    await untilHolds(() => states.length > 0);
    const before = tries;
    await stay();
    expect([states, tries]).toEqual([['elsewhere'], before]);
    refuse = () => undefined;
    onConnection = (socket) => push(socket, 'session.opened', session);
    player.continueHere();
    await untilHolds(() => player.state === 'online');
  });

  it.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => void socket.conn.close()],
    ['is to move again', (socket) => push(socket, 'session.move', { withinMs: 1_000 })],
  ])(
    'stays elsewhere where that came on the next socket of a move, and the first one %s',
    async (_, then) => {
      const player = open();
      await player.ready;
      onConnection = (socket) => closeForGood(socket, 'DUPLICATE');
      push(sockets[0], 'session.move', { withinMs: 1_000 });
      await untilHolds(() => player.state === 'elsewhere');
      then(sockets[0]);
      await stay();
      expect([player.state, sockets.length]).toEqual(['elsewhere', 2]);
    },
  );

  /** A player who is to move, and was refused so many times. */
  async function moveInVain(times: number): Promise<{ player: Client; countRefusals: () => number }> {
    const player = open();
    await player.ready;
    let refusals = 0;
    player.on('error', () => (refusals += 1));
    refuse = () => refused('BUSY', true);
    push(sockets[0], 'session.move', { withinMs: 1_000 });
    await untilHolds(() => refusals >= times);
    return { player, countRefusals: () => refusals };
  }

  it('comes back soon when its socket ends while a move waits for its next try', async () => {
    // The longest of each wait: 3.2 s and more after the fourth refusal.
    jest.spyOn(Math, 'random').mockReturnValue(0.99);
    const { player } = await moveInVain(4);
    refuse = () => undefined;
    const since = performance.now();
    sockets[0].conn.close();
    await untilHolds(() => player.state !== 'online', { everyMs: 1 });
    await untilHolds(() => player.state === 'online', { everyMs: 5 });
    expect(performance.now() - since).toBeLessThan(1_500);
  });

  it('waits as long as the server asks that ends its socket, though a move is under way', async () => {
    // The longest of each wait: the next try would begin 1.6 s after the third refusal.
    jest.spyOn(Math, 'random').mockReturnValue(0.99);
    const { countRefusals } = await moveInVain(3);
    const before = countRefusals();
    const since = performance.now();
    push(sockets[0], 'session.closed', { code: 'DRAINING', reconnect: true, retryAfterMs: 800 });
    sockets[0].conn.close();
    await untilHolds(() => countRefusals() > before, { everyMs: 5 });
    expect(performance.now() - since).toBeGreaterThan(750);
  });

  it('waits as long as the server asks that ends its socket, though a try of a move is on its way and fails', async () => {
    // The shortest of the waits that no server asks for.
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const player = open();
    await player.ready;
    let tries = 0;
    let endTry: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (endTry = resolve));
    refuse = async () => {
      tries += 1;
      await ended;
      return refused('BUSY', true);
    };
    push(sockets[0], 'session.move', { withinMs: 1_000 });
    await untilHolds(() => tries === 1);
    push(sockets[0], 'session.closed', { code: 'DRAINING', reconnect: true, retryAfterMs: 800 });
    sockets[0].conn.close();
    await untilHolds(() => player.state === 'reconnecting');
    const since = performance.now();
    endTry();
    await untilHolds(() => tries > 1, { everyMs: 5 });
    expect(performance.now() - since).toBeGreaterThan(790);
  });

  it('waits as long as the server asks that refuses its handshake', async () => {
    let refusedAt = 0;
    refuse = () => {
      if (refusedAt > 0) return undefined;
      refusedAt = performance.now();
      return refused('RATE_LIMITED', true, 900);
    };
    await open().ready;
    expect(performance.now() - refusedAt).toBeGreaterThan(890);
  });

  it.each([
    { session: 'broken', position: 3 },
    { session: 's1', position: -1 },
  ])('begins anew, with a gap, where the servers can’t read what it is to resume: %j', async (resume) => {
    const gaps: unknown[] = [];
    refuse = ({ handshake }) => ('resume' in handshake.auth ? refused('INVALID', false) : undefined);
    onConnection = (socket) =>
      push(socket, 'session.opened', { ...session, position: 900, recovered: false });
    const player = open({ resume, onNotRecovered: (gap) => void gaps.push(gap) });
    await player.ready;
    await untilHolds(() => player.position?.position === 900);
    expect(gaps).toEqual([{ reason: 'expired' }]);
  });

  it('is refused for good where it is not the resume that can’t be read', async () => {
    let tries = 0;
    refuse = () => {
      tries += 1;
      return refused('INVALID', false);
    };
    const player = open({ resume: { session: 's1', position: 3 } });
    await expect(player.ready).rejects.toMatchObject({ code: 'INVALID' });
    expect([player.state, tries]).toEqual(['closed', 2]);
  });
});
