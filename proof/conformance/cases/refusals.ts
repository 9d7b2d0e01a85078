import type { Case } from '../case.js';
import { expect, expectSame, pause, until } from '../until.js';

/** Longer than the pause between two tries that follow each other at once, ms. */
const stayMs = 1_500;

/** A refusal after which a client stays away. */
const final = (code: string): Case => ({
  name: `stays away after ${code}, and says so`,
  async play(server, client) {
    client.connect(server.url);
    await (await server.next()).refuse(code);
    await until('the client says that it is closed', () => client.all('closed').length > 0);
    expectSame('the code', client.all('closed')[0].code, code);
    await pause(stayMs);
    expectSame('connections', server.sockets.length, 1);
  },
});

/** The session is closed for good before it is open, as by a second device that logs in at the same moment. */
const finalBeforeOpened = (code: string): Case => ({
  name: `stays away after ${code} without reconnect, before the session is open`,
  async play(server, client) {
    client.connect(server.url);
    const socket = await server.next();
    await socket.handshake();
    socket.sendRaw('40{"sid":"s"}');
    await socket.close(code, { reconnect: false });
    await until('the client has left', () => socket.isClosed);
    await pause(stayMs);
    expectSame('connections', server.sockets.length, 1);
    expect('the client is not online', !client.isOnline);
  },
});

/** A refusal that passes. */
const passing = (code: string): Case => ({
  name: `comes again after ${code}, not before retryAfterMs`,
  async play(server, client) {
    client.connect(server.url);
    const first = await server.next();
    await first.refuse(code, { retryable: true, retryAfterMs: 700 });
    const refusedAt = Date.now();
    const second = await server.next();
    expect(`the client waited only ${second.openedAt - refusedAt} ms`, second.openedAt - refusedAt >= 600);
    await second.welcome();
    await client.untilOnline();
  },
});

export const refusalCases: Case[] = [
  ...['CONFLICT', 'FORBIDDEN', 'INVALID', 'UNHEARD_OF'].map(final),
  ...['KICKED', 'DUPLICATE', 'BANNED'].map(finalBeforeOpened),
  ...['RATE_LIMITED', 'BUSY'].map(passing),
  {
    name: 'gets a new token after UNAUTHENTICATED',
    async play(server, client) {
      client.connect(server.url, { tokens: ['old', 'new'] });
      const first = await server.next();
      expectSame('the first token', (await first.handshake()).token, 'old');
      await first.refuse('UNAUTHENTICATED');
      const second = await server.next();
      expectSame('the second token', (await second.handshake()).token, 'new');
      await second.welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'asks again for a token that does not come within fifteen seconds',
    async play(server, client) {
      client.connect(server.url, { tokens: [false, 'second'] });
      const first = await server.next();
      expectSame('the token', (await first.handshake()).token, 'second');
      await first.welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'asks again for a token that could not be had',
    async play(server, client) {
      client.connect(server.url, { tokens: [null, null, 'third'] });
      const first = await server.next();
      expectSame('the token', (await first.handshake()).token, 'third');
      await first.welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'gives up when new tokens are refused, too',
    async play(server, client) {
      client.connect(server.url, { tokens: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] });
      const isOver = (): boolean => client.all('closed').length > 0;
      for (let tries = 0; tries < 8 && !isOver(); tries += 1) {
        await until('it comes again or gives up', () => server.sockets.length > tries || isOver());
        if (!isOver()) await (await server.next()).refuse('UNAUTHENTICATED');
      }
      await until('the client gives up', isOver);
      expectSame('the code', client.all('closed')[0].code, 'UNAUTHENTICATED');
    },
  },
  {
    name: 'tries no more with a token that no header may have',
    async play(server, client) {
      client.connect(server.url, { tokens: ['read\nwith the end of its line'], version: undefined });
      await until('the client gives up', () => client.all('closed').length > 0);
      expectSame('questions and connections', [server.configAsked, server.sockets.length], [0, 0]);
    },
  },
  ...[undefined, '1.0.0000'].map((version): Case => ({
    name: `asks GET /v1/config after VERSION_GONE${version ? ', though the version was chosen' : ', again'}`,
    async play(server, client) {
      client.connect(server.url, { version });
      const first = await server.next();
      server.version = '1.0.0002';
      await first.refuse('VERSION_GONE', { retryable: true, details: { use: '1.0.0002' } });
      const second = await server.next();
      expectSame('the version', (await second.handshake()).version, '1.0.0002');
      await second.welcome();
      await client.untilOnline();
    },
  })),
];
