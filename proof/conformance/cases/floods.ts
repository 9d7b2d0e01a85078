import { begin, type Case, said } from '../case.js';
import { expect, expectSame, until } from '../until.js';

const many = 10_000;

export const floodCases: Case[] = [
  {
    name: 'shows 10,000 pushes that come at once, each once and in order, and answers pings meanwhile',
    async play(server, client) {
      const socket = await begin(server, client);
      for (let index = 0; index < many; index += 1) {
        said(socket, index, 101 + index);
        if (index % 2 === 0) said(socket, index, 101 + index);
      }
      socket.ping();
      await until('all are shown', () => client.pushes('said').length >= many && socket.pongs > 0);
      expect(
        'they are in order',
        client.pushes('said').every((data, index) => data === index),
      );
      expectSame('pushes shown', client.pushes('said').length, many);
    },
  },
  {
    name: 'gives 200 answers that come at once to their requests',
    async play(server, client) {
      const socket = await begin(server, client);
      const ids = Array.from({ length: 200 }, (_, n) => client.request('game.add', { n }));
      await until('all are asked', () => socket.messages('game.add').length === ids.length);
      for (const message of socket.messages('game.add')) socket.answer(message, message.data);
      const answers = await Promise.all(ids.map((id) => client.outcome(id)));
      expect(
        'each is its own',
        answers.every(({ data }, n) => (data as { n: number }).n === n),
      );
    },
  },
  {
    name: 'does not storm a server that ends each connection at once',
    async play(server, client) {
      client.connect(server.url);
      const startedAt = Date.now();
      const isOver = (): boolean => Date.now() - startedAt > 3_000;
      await until('three seconds are over', () => {
        for (const socket of server.sockets) if (!socket.isClosed) socket.cut();
        return isOver();
      });
      expect(`${server.sockets.length} connections in 3 s`, server.sockets.length <= 30);
      await until('it comes again', () => server.sockets.length >= 2);
    },
  },
  {
    name: 'comes back from frames that are no protocol',
    async play(server, client) {
      const first = await begin(server, client);
      said(first, 1, 101);
      for (const frame of ['42[', '49', '42{"a":1}', 'x', '42["Push"]', '42["Push",null]'])
        first.sendRaw(frame);
      said(first, 2, 102);
      // The client may read on, or begin anew: both are good.
      const isThere = (): boolean => client.pushes('said').includes(2);
      await until('it reads on or comes back', () => isThere() || server.sockets.length > 1);
      if (!isThere()) {
        const second = await server.next();
        const { resume } = await second.handshake();
        const position = resume?.position as number;
        await second.welcome({ position, recovered: true });
        for (const data of [1, 2]) if (100 + data > position) said(second, data, 100 + data);
      }
      await until('the push is shown', isThere);
      expectSame('what is shown', client.pushes('said'), [1, 2]);
    },
  },
  {
    name: 'ends when it is told to, and does not come back',
    async play(server, client) {
      const socket = await begin(server, client);
      client.close();
      await until('it leaves', () => socket.isClosed);
      expectSame('connections', server.sockets.length, 1);
    },
  },
];
