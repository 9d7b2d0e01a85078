import { begin, type Case, said } from '../case.js';
import { expect, expectSame, pause, until } from '../until.js';

/** Where the client is after some pushes, by what it resumes with after a break. */
const resumesFrom = (
  name: string,
  position: number,
  pushes: (socket: Awaited<ReturnType<typeof begin>>) => void,
): Case => ({
  name,
  async play(server, client) {
    const first = await begin(server, client);
    pushes(first);
    said(first, 'volatile');
    await until('the client has read all', () => client.pushes('said').at(-1) === 'volatile');
    first.cut();
    const second = await server.next();
    const { resume } = await second.handshake();
    expectSame('resume', [resume?.session, resume?.position], ['first', position]);
    expect('it moves from nowhere', !resume?.moving);
    await second.welcome({ position, recovered: true });
    await until('it is online again', () => client.isOnline);
  },
});

export const resumeCases: Case[] = [
  {
    name: 'comes again where the connection ends together with the welcome',
    async play(server, client) {
      client.connect(server.url);
      const first = await server.next();
      await first.handshake();
      first.sendTogether(() => {
        first.sendRaw('40{"sid":"s"}');
        first.openSession();
        first.push('session.closed', { code: 'DRAINING', reconnect: true });
        first.end();
      });
      const second = await server.next();
      expectSame('resume', (await second.handshake()).resume?.session, 'first');
      await second.welcome({ position: 100, recovered: true });
      await client.untilOnline();
    },
  },
  resumesFrom('resumes with the position of its last push', 107, (socket) => {
    said(socket, 1, 104);
    said(socket, 2, 107);
  }),
  resumesFrom('resumes with the position of the session where nothing was pushed', 100, () => undefined),
  resumesFrom('resumes with a position that it was told', 180, (socket) => {
    said(socket, 1, 104);
    socket.push('session.position', {}, 180);
  }),
  resumesFrom('resumes with the highest position, not the last', 107, (socket) => {
    said(socket, 2, 107);
    said(socket, 1, 104);
  }),
  {
    name: 'shows what it missed once, and then what is new',
    async play(server, client) {
      const first = await begin(server, client);
      said(first, 1, 101);
      await until('the first push is shown', () => client.pushes('said').length === 1);
      first.cut();
      const second = await (await server.next()).welcome({ position: 101, recovered: true });
      for (const [index, data] of [1, 2, 3, 3, 4].entries())
        said(second, data, [101, 102, 103, 103, 104][index]);
      await until('the last push is shown', () => client.pushes('said').at(-1) === 4);
      expectSame('what is shown', client.pushes('said'), [1, 2, 3, 4]);
      expectSame('gaps', client.all('gap').length, 0);
    },
  },
  ...['expired', 'unknown-session', 'ahead'].map((notRecovered): Case => ({
    name: `tells of a gap where it was not recovered: ${notRecovered}`,
    async play(server, client) {
      const first = await begin(server, client, { position: 500 });
      said(first, 1, 501);
      await until('the first push is shown', () => client.pushes('said').length === 1);
      first.cut();
      const opened = { session: 'second', position: 300, recovered: false, notRecovered };
      const second = await (await server.next()).welcome(opened);
      said(second, 2, 301);
      await until('the push after the gap is shown', () => client.pushes('said').length === 2);
      const order = client.told
        .filter(({ event }) => event === 'gap' || event === 'push')
        .map(({ event }) => event);
      expectSame('what is told', order, ['push', 'gap', 'push']);
      second.cut();
      const { resume } = await (await server.next()).handshake();
      expectSame('resume after it', [resume?.session, resume?.position], ['second', 301]);
    },
  })),
  {
    name: 'tells of a session that the servers lost, and shows what it missed once',
    async play(server, client) {
      const first = await begin(server, client);
      for (const data of [1, 2]) said(first, data, 100 + data);
      await until('the first pushes are shown', () => client.pushes('said').length === 2);
      first.cut();
      const opened = { session: 'second', recovered: false, notRecovered: 'unknown-session' };
      const second = await (await server.next()).welcome({ ...opened, position: 102 });
      for (const data of [2, 3, 4]) said(second, data, 100 + data);
      await until('the last push is shown', () => client.pushes('said').at(-1) === 4);
      expectSame('what is shown', client.pushes('said'), [1, 2, 3, 4]);
      expectSame('gaps', client.all('gap').length, 1);
      second.cut();
      const { resume } = await (await server.next()).handshake();
      expectSame('resume after it', [resume?.session, resume?.position], ['second', 104]);
    },
  },
  {
    name: 'tells of a gap that opens while it is connected',
    async play(server, client) {
      const socket = await begin(server, client);
      said(socket, 1, 101);
      socket.openSession({ position: 900, recovered: false, notRecovered: 'expired' });
      said(socket, 2, 901);
      await until('the push after the gap is shown', () => client.pushes('said').length === 2);
      expectSame('gaps', client.all('gap').length, 1);
      expectSame('connections', server.sockets.length, 1);
    },
  },
  {
    name: 'notices a connection that says nothing any more',
    async play(server, client) {
      server.pingInterval = 300;
      server.pingTimeout = 300;
      server.pings = false;
      await begin(server, client);
      const second = await server.next();
      expectSame('resume', (await second.handshake()).resume?.position, 100);
    },
  },
  ...['DRAINING', 'SLOW_CONSUMER', 'BUSY', 'TOKEN_EXPIRED'].map((code): Case => ({
    name: `resumes after ${code}, not before retryAfterMs`,
    async play(server, client) {
      const first = await begin(server, client);
      said(first, 1, 101);
      await first.close(code, { reconnect: true, retryAfterMs: 500 });
      const closedAt = Date.now();
      const second = await server.next();
      expect(`it waited only ${second.openedAt - closedAt} ms`, second.openedAt - closedAt >= 400);
      expectSame('resume', (await second.handshake()).resume?.position, 101);
    },
  })),
  ...['KICKED', 'DUPLICATE', 'BANNED'].map((code): Case => ({
    name: `stays away after ${code} without reconnect`,
    async play(server, client) {
      const first = await begin(server, client);
      await first.close(code, { reconnect: false });
      await until('it is not online', () => !client.isOnline);
      await pause(1_500);
      expectSame('connections', server.sockets.length, 1);
    },
  })),
];
