import { begin, type Case, said } from '../case.js';
import { expect, expectSame, pause, until } from '../until.js';

const recovered = { position: 101, recovered: true, serverId: 'connector-1' };

export const moveCases: Case[] = [
  {
    name: 'opens the next socket while the first goes on, shows each push once, and leaves the first',
    async play(server, client) {
      const first = await begin(server, client);
      said(first, 1, 101);
      first.push('session.move', { withinMs: 10_000 });
      const second = await server.next();
      const { resume } = await second.handshake();
      expectSame('resume', [resume?.session, resume?.position, resume?.moving], ['first', 101, true]);
      expect('it left the first socket too early', !first.isClosed);
      await second.welcome(recovered);
      for (const socket of [first, second]) said(socket, 2, 102);
      said(second, 3, 103);
      await until('it leaves the first socket', () => first.isClosed);
      await until('the last push is shown', () => client.pushes('said').at(-1) === 3);
      expectSame('what is shown', client.pushes('said'), [1, 2, 3]);
      expectSame('gaps', client.all('gap').length, 0);
    },
  },
  {
    name: 'takes the answer of a request in flight on the first socket',
    async play(server, client) {
      const first = await begin(server, client);
      const id = client.request('game.slow', {});
      const message = await first.message('game.slow');
      first.push('session.move', { withinMs: 10_000 });
      await (await server.next()).welcome({ position: 100, recovered: true });
      expect('it left with a request in flight', !first.isClosed);
      first.answer(message, 'done');
      expectSame('the answer', await client.outcome(id), { data: 'done' });
      await until('it leaves the first socket', () => first.isClosed);
    },
  },
  {
    name: 'sends what is asked after the move on the next socket',
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      const second = await (await server.next()).welcome({ position: 100, recovered: true });
      await until('it leaves the first socket', () => first.isClosed);
      const id = client.request('game.next', {});
      second.answer(await second.message('game.next'), 2);
      expectSame('the answer', await client.outcome(id), { data: 2 });
    },
  },
  {
    name: 'asks where to go with a new token, where its own ran out since it connected',
    async play(server, client) {
      client.connect(server.url, { tokens: ['first', 'first', 'second'], version: undefined });
      const first = await (await server.next()).welcome();
      await client.untilOnline();
      server.version = '1.0.0002';
      server.endedTokens.add('first');
      first.push('session.move', { withinMs: 10_000 });
      const { token, version } = await (await server.next()).handshake();
      expectSame('the token and the version', [token, version], ['second', '1.0.0002']);
    },
  },
  ...['answered', 'given up'].map((end): Case => ({
    name: `sends no request of a route that may be sent again before the one on the first socket is ${end}`,
    async play(server, client) {
      const retryPolicies = { 'game.buy': 'once' };
      const first = await begin(server, client, { retryPolicies });
      const before = client.request('game.buy', 1, end === 'answered' ? 15_000 : 1_500);
      const message = await first.message('game.buy');
      first.push('session.move', { withinMs: 10_000 });
      const second = await (await server.next()).welcome({ position: 100, recovered: true, retryPolicies });
      // Shown, so that the client has read the second socket's welcome.
      said(second, 'moved');
      await until('it goes on from the second socket', () => client.pushes('said').includes('moved'));
      const after = client.request('game.buy', 2);
      const other = client.request('game.look', 3);
      second.answer(await second.message('game.look'), 'seen');
      await client.outcome(other);
      expectSame('what overtakes the first request', second.messages('game.buy').length, 0);
      if (end === 'answered') first.answer(message, 'bought');
      await client.outcome(before);
      second.answer(await second.message('game.buy'), 'bought, too');
      expectSame('the answer', await client.outcome(after), { data: 'bought, too' });
    },
  })),
  {
    name: 'does not send `once` again where the move opened another session, and the first socket breaks then',
    async play(server, client) {
      const retryPolicies = { 'game.buy': 'once' };
      const first = await begin(server, client, { retryPolicies });
      const id = client.request('game.buy', {});
      await first.message('game.buy');
      first.push('session.move', { withinMs: 10_000 });
      const opened = { session: 'second', position: 300, notRecovered: 'unknown-session', retryPolicies };
      const second = await (await server.next()).welcome(opened);
      await until('it has read the second welcome', () => client.all('gap').length === 1);
      first.cut();
      expectSame('the outcome', (await client.outcome(id)).code, 'CONNECTION_LOST');
      await pause(200);
      expectSame('sent again', second.messages('game.buy').length, 0);
    },
  },
  ...['before', 'after'].map((order): Case => ({
    name: `moves where it is told so right ${order} the welcome`,
    async play(server, client) {
      client.connect(server.url);
      const first = await server.next();
      await first.handshake();
      const isFirst = order === 'before';
      first.sendTogether(() => {
        first.sendRaw('40{"sid":"s"}');
        if (isFirst) first.push('session.move', { withinMs: 10_000 });
        first.openSession();
        if (!isFirst) first.push('session.move', { withinMs: 10_000 });
      });
      const second = await server.next();
      expectSame('moving', (await second.handshake()).resume?.moving, true);
      await second.welcome({ position: 100, recovered: true });
      await until('it leaves the first socket', () => first.isClosed);
    },
  })),
  {
    name: 'keeps the first socket while the move is refused, and tries again',
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      await (await server.next()).refuse('BUSY', { retryable: true, retryAfterMs: 100 });
      const third = await server.next();
      expect('it left the first socket', !first.isClosed);
      said(first, 1, 101);
      await until('the first socket’s push is shown', () => client.pushes('said').length === 1);
      await third.welcome(recovered);
      await until('it leaves the first socket', () => first.isClosed);
    },
  },
  {
    name: 'comes soon when the first socket breaks while the move waits for its next try',
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      for (let tries = 0; tries < 4; tries += 1)
        await (await server.next()).refuse('BUSY', { retryable: true });
      // The client reads the refusal before the end.
      await pause(100);
      first.cut();
      const cutAt = Date.now();
      await (await server.next()).welcome({ position: 100, recovered: true });
      const ms = Date.now() - cutAt;
      expect(`it came ${ms} ms later`, ms < 1_500);
      await client.untilOnline();
    },
  },
  ...[0, 4].map((refusals): Case => ({
    name: `waits as long as the end of the first socket asks, after ${refusals} refusals of the move`,
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      const refuseNext = async () => (await server.next()).refuse('BUSY', { retryable: true });
      for (let tries = 0; tries < refusals; tries += 1) await refuseNext();
      const underWay = refusals === 0 ? await server.next() : undefined;
      // The client reads the last refusal before the end.
      await (underWay?.handshake() ?? pause(100));
      await first.close('DRAINING', { reconnect: true, retryAfterMs: 1_500 });
      await until('it sees that', () => !client.isOnline);
      const seenAt = Date.now();
      await underWay?.refuse('BUSY', { retryable: true });
      let next = await server.next();
      // The wait before it is random, and may have been over by then.
      if (next.openedAt <= seenAt) {
        await next.refuse('BUSY', { retryable: true });
        next = await server.next();
      }
      expect(`it waited only ${next.openedAt - seenAt} ms`, next.openedAt - seenAt >= 1_400);
    },
  })),
  ...['KICKED', 'DUPLICATE'].map((code): Case => ({
    name: `stays away after ${code} without reconnect, though the next socket of a move is opening`,
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      const second = await server.next();
      await second.handshake();
      await first.close(code, { reconnect: false });
      await until('the client is not online', () => !client.isOnline);
      if (!second.isClosed) await second.welcome({ position: 100, recovered: true });
      await until('it leaves the second socket', () => second.isClosed);
      await pause(1_500);
      expect('the client is not online', !client.isOnline);
      expectSame('connections', server.sockets.length, 2);
    },
  })),
  {
    name: 'goes on when the first socket breaks during the move',
    async play(server, client) {
      const first = await begin(server, client);
      first.push('session.move', { withinMs: 10_000 });
      const second = await server.next();
      await second.handshake();
      first.cut();
      await until('it sees that', () => first.isClosed);
      await second.welcome({ position: 100, recovered: true });
      said(second, 1, 101);
      await until('the push is shown', () => client.pushes('said').length === 1);
    },
  },
];
