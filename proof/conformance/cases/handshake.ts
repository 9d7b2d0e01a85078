import { begin, type Case } from '../case.js';
import { expect, expectSame, pause, until } from '../until.js';

export const handshakeCases: Case[] = [
  {
    name: 'shows its token, the version and protocol 1, in one CONNECT',
    async play(server, client) {
      const socket = await begin(server, client);
      const { token, version, protocol, resume } = await socket.handshake();
      expectSame(
        'the handshake',
        { token, version, protocol },
        { token: 'token', version: '1.0.0000', protocol: 1 },
      );
      expect('a first handshake resumes nothing', resume === undefined);
      expectSame('CONNECTs of the connection', socket.handshakes.length, 1);
    },
  },
  {
    name: 'asks for a WebSocket of engine.io 4',
    async play(server, client) {
      const { path } = await begin(server, client);
      const query = new URL(path, server.url).searchParams;
      expectSame('EIO and transport', [query.get('EIO'), query.get('transport')], ['4', 'websocket']);
    },
  },
  {
    name: 'is online only when the session is open',
    async play(server, client) {
      client.connect(server.url);
      const socket = await server.next();
      await socket.handshake();
      socket.sendRaw('40{"sid":"s"}');
      socket.ping();
      await until('it has read the welcome', () => socket.pongs > 0);
      await pause(300);
      expect('the client takes socket.io’s welcome for the session', !client.isOnline);
      socket.openSession();
      await client.untilOnline();
    },
  },
  {
    name: 'comes again where a proxy closes its WebSocket before the server has said a word',
    async play(server, client) {
      server.closeNext = 2;
      client.connect(server.url);
      await (await server.next()).welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'asks GET /v1/config for the version that nobody gave it',
    async play(server, client) {
      server.version = '1.0.0007';
      client.connect(server.url, { version: undefined });
      const socket = await server.next();
      expectSame('the version', (await socket.handshake()).version, '1.0.0007');
      await socket.welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'asks GET /v1/config again where its answer is none',
    async play(server, client) {
      server.wrongConfigs = ['[]', '{"version":7,"wsUrl":null}', null, '<html></html>'];
      client.connect(server.url, { version: undefined });
      const socket = await server.next();
      expectSame('the version', (await socket.handshake()).version, '1.0.0000');
      await socket.welcome();
      await client.untilOnline();
    },
  },
  {
    name: 'answers pings',
    async play(server, client) {
      const socket = await begin(server, client);
      socket.ping();
      await until('a pong comes', () => socket.pongs > 0);
    },
  },
  {
    name: 'says the same word for itself on each of its sockets, where it says one',
    async play(server, client) {
      const first = await begin(server, client);
      first.cut();
      const second = await server.next();
      const [before, after] = [await first.handshake(), await second.handshake()];
      expectSame('the instance of the second socket', after.instance, before.instance);
      const isWord = before.instance === undefined || /^\w{1,64}$/.test(before.instance as string);
      expect('the instance is up to 64 letters and digits', isWord);
    },
  },
  {
    name: 'comes again when nobody serves its WebSocket',
    async play(server, client) {
      server.refuseNext = 2;
      await begin(server, client);
    },
  },
  {
    name: 'asks GET /v1/config again after some tries at which nobody serves its version, and goes where that says',
    async play(server, client) {
      server.version = '1.0.0001';
      client.connect(server.url, { version: undefined });
      const first = await (await server.next()).welcome();
      await client.untilOnline();
      server.refuseNext = Infinity;
      server.version = '1.0.0000';
      const atFirst = server.configAsked;
      let refusedBefore = 0;
      server.onConfigAsked = () => {
        refusedBefore = server.refused;
        server.refuseNext = 0;
      };
      first.cut();
      await until('it asks again', () => server.configAsked > atFirst, 60_000);
      expect(`it asks after ${refusedBefore} tries, as a crowd would`, refusedBefore >= 4);
      const second = await server.next();
      const { version, resume } = await second.handshake();
      expectSame('the version and the session', [version, resume?.session], ['1.0.0000', 'first']);
      await second.welcome({ position: 100, recovered: true });
      await client.untilOnline();
    },
  },
  {
    name: 'goes on at its address where GET /v1/config does not answer either',
    async play(server, client) {
      client.connect(server.url, { version: undefined });
      const first = await (await server.next()).welcome();
      await client.untilOnline();
      server.refuseNext = Infinity;
      server.onConfigAsked = () => {
        server.wrongConfigs = ['<html></html>'];
        server.refuseNext = 0;
      };
      first.cut();
      await until('it asks again', () => server.configAsked > 1, 60_000);
      await (await server.next()).welcome({ position: 100, recovered: true });
      await client.untilOnline();
      expectSame('questions', server.configAsked, 2);
    },
  },
  {
    name: 'comes again when the connection ends before the welcome',
    async play(server, client) {
      client.connect(server.url);
      (await server.next()).cut();
      const second = await server.next();
      await second.handshake();
      second.cut();
      await (await server.next()).welcome();
      await client.untilOnline();
    },
  },
];
