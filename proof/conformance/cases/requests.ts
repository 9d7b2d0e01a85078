import { begin, type Case } from '../case.js';
import { expect, expectSame, pause, until } from '../until.js';

export const requestCases: Case[] = [
  {
    name: 'gives each answer to its request, in whatever order they come',
    async play(server, client) {
      const socket = await begin(server, client);
      const ids = [1, 2, 3].map((n) => client.request('game.add', { n }));
      await until('three requests come', () => socket.messages('game.add').length === 3);
      const messages = socket.messages('game.add');
      for (const message of [...messages].reverse()) socket.answer(message, message.data);
      const answers = await Promise.all(ids.map((id) => client.outcome(id)));
      expectSame(
        'the answers',
        answers.map(({ data }) => data),
        [{ n: 1 }, { n: 2 }, { n: 3 }],
      );
      const times = messages.map(({ timestamp }) => timestamp);
      const isRising = times.every(
        (time, index) => Number.isSafeInteger(time) && time > (times[index - 1] ?? -1),
      );
      expect(`the timestamps rise: ${times.join(', ')}`, isRising);
    },
  },
  {
    name: 'gives the error of an answer, and whether to try again',
    async play(server, client) {
      const socket = await begin(server, client);
      const id = client.request('game.add', {});
      socket.answerError(await socket.message('game.add'), { code: 'RATE_LIMITED', retryable: true });
      expectSame('the outcome', await client.outcome(id), { code: 'RATE_LIMITED', retryable: true });
      expectSame('connections', server.sockets.length, 1);
    },
  },
  {
    name: 'sends a Notify, and waits for nothing',
    async play(server, client) {
      const socket = await begin(server, client);
      client.notify('game.seen', { at: 1 });
      expectSame('its data', (await socket.message('game.seen', 'Notify')).data, { at: 1 });
    },
  },
  {
    name: 'bears answers that nobody waits for',
    async play(server, client) {
      const socket = await begin(server, client);
      socket.answer({ route: 'game.add', data: {}, timestamp: 42 }, 1);
      const id = client.request('game.add', {});
      const message = await socket.message('game.add');
      socket.answer(message, 1);
      socket.answer(message, 2);
      expectSame('the answer', (await client.outcome(id)).data, 1);
      await pause(100);
      expectSame('answers told', client.told.filter((one) => one.id === id).length, 1);
    },
  },
  {
    name: 'gives up an answer that does not come in time',
    async play(server, client) {
      const socket = await begin(server, client);
      const id = client.request('game.slow', {}, 300);
      const message = await socket.message('game.slow');
      expectSame('the outcome', (await client.outcome(id)).code, 'TIMEOUT');
      socket.answer(message, 'late');
      await pause(100);
      expectSame('answers told', client.told.filter((one) => one.id === id).length, 1);
    },
  },
  {
    name: 'sends what is asked before it is connected, once it is',
    async play(server, client) {
      client.connect(server.url);
      const id = client.request('game.early', {});
      const socket = await (await server.next()).welcome();
      socket.answer(await socket.message('game.early'), 'here');
      expectSame('the answer', (await client.outcome(id)).data, 'here');
    },
  },
  {
    name: 'refuses a message of more than 64 KB by itself, and stays connected',
    async play(server, client) {
      const socket = await begin(server, client);
      const id = client.request('game.large', { text: 'x'.repeat(70_000) });
      expectSame('the outcome', (await client.outcome(id)).code, 'TOO_LARGE');
      await pause(200);
      expectSame('what was sent', [socket.messages('game.large').length, server.sockets.length], [0, 1]);
    },
  },
  {
    name: 'stays connected where it is given a number that JSON has no word for',
    async play(server, client) {
      const socket = await begin(server, client);
      // Read as an infinite one, which some languages would write as `Infinity`: no server can read that.
      const id = client.requestJson('game.far', '{"metres":1e999}');
      const isRefused = (): boolean => client.told.some((one) => one.id === id && one.code === 'INVALID');
      const isSent = (): boolean => socket.messages('game.far').length > 0;
      await until('it is refused or sent', () => isRefused() || isSent());
      const next = client.request('game.near', {});
      socket.answer(await socket.message('game.near'), 'here');
      expectSame('the answer', (await client.outcome(next)).data, 'here');
      expectSame('connections', server.sockets.length, 1);
    },
  },
  ...['safe', 'once'].map((policy): Case => ({
    name: `sends a request again after a break where its route is ${policy}, by the same timestamp`,
    async play(server, client) {
      const retryPolicies = { 'game.buy': policy };
      const first = await begin(server, client, { retryPolicies });
      const id = client.request('game.buy', {});
      const message = await first.message('game.buy');
      first.cut();
      const second = await (await server.next()).welcome({ position: 100, recovered: true, retryPolicies });
      const again = await second.message('game.buy');
      expectSame('the timestamp', again.timestamp, message.timestamp);
      second.answer(again, 'bought');
      expectSame('the answer', (await client.outcome(id)).data, 'bought');
    },
  })),
  {
    name: 'does not send again what its route forbids, and says that its answer is lost',
    async play(server, client) {
      const retryPolicies = { 'game.buy': 'once' };
      const first = await begin(server, client, { retryPolicies });
      const id = client.request('game.shoot', {});
      await first.message('game.shoot');
      first.cut();
      expectSame('the outcome', (await client.outcome(id)).code, 'CONNECTION_LOST');
      const second = await (await server.next()).welcome({ position: 100, recovered: true, retryPolicies });
      await pause(300);
      expectSame('sent again', second.messages('game.shoot').length, 0);
    },
  },
  {
    name: 'does not send `once` again in a new session, whose ids begin anew',
    async play(server, client) {
      const retryPolicies = { 'game.buy': 'once' };
      const first = await begin(server, client, { retryPolicies });
      const id = client.request('game.buy', {});
      await first.message('game.buy');
      first.cut();
      const opened = { session: 'second', position: 300, notRecovered: 'unknown-session', retryPolicies };
      const second = await (await server.next()).welcome(opened);
      expectSame('the outcome', (await client.outcome(id)).code, 'CONNECTION_LOST');
      expectSame('sent again', second.messages('game.buy').length, 0);
    },
  },
  {
    name: 'renews its token on the same socket before it runs out',
    async play(server, client) {
      client.connect(server.url, { tokens: ['first', 'second'] });
      const socket = await (await server.next()).welcome({ tokenExpiresInMs: 2_000 });
      const message = await socket.message('session.renew');
      expectSame('the token', message.data, { token: 'second' });
      socket.answer(message, { tokenExpiresInMs: 3_600_000 });
      await pause(300);
      expectSame('connections', server.sockets.length, 1);
    },
  },
  {
    name: 'renews its token again where that failed: by the login, and by the answer',
    async play(server, client) {
      client.connect(server.url, { tokens: ['first', null, 'third', 'fourth'] });
      const socket = await (await server.next()).welcome({ tokenExpiresInMs: 1_000 });
      const message = await socket.message('session.renew');
      expectSame('the token', message.data, { token: 'third' });
      socket.answerError(message, { code: 'BUSY', retryable: true });
      await until('it renews again', () => socket.messages('session.renew').length === 2);
      const again = socket.messages('session.renew')[1];
      expectSame('the next token', again.data, { token: 'fourth' });
      socket.answer(again, { tokenExpiresInMs: 3_600_000 });
      expectSame('connections', server.sockets.length, 1);
    },
  },
];
