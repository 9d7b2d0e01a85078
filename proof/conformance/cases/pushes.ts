import { begin, type Case, said } from '../case.js';
import { expectSame, pause, until } from '../until.js';

const large = 'x'.repeat(200_000);

/** The client is pushed something, and shows it. */
const shows = (name: string, pushes: [data: unknown, position?: number][], wanted: unknown[]): Case => ({
  name,
  async play(server, client) {
    const socket = await begin(server, client);
    for (const [data, position] of pushes) said(socket, data, position);
    said(socket, 'end', 9_999);
    await until('the last push is shown', () => client.pushes('said').at(-1) === 'end');
    expectSame('what is shown', client.pushes('said').slice(0, -1), wanted);
  },
});

export const pushCases: Case[] = [
  shows(
    'shows pushes in their order, whatever they hold',
    [
      [{ deep: [1, { text: 'ü 漢字 🎲' }] }, 101],
      [null, 102],
      [0, 103],
      ['', 250],
    ],
    [{ deep: [1, { text: 'ü 漢字 🎲' }] }, null, 0, ''],
  ),
  shows('shows a push of 200 KB', [[large, 101]], [large]),
  shows('shows pushes without a position', [[1], [2, 101], [3], [3]], [1, 2, 3, 3]),
  shows(
    'drops a push that it has had',
    [
      [1, 101],
      [1, 101],
      [2, 102],
      [1, 101],
      [3, 103],
    ],
    [1, 2, 3],
  ),
  shows(
    'drops a push from before its session',
    [
      [0, 99],
      [0, 100],
      [1, 101],
    ],
    [1],
  ),
  {
    name: 'shows nothing of the protocol’s own pushes, nor of those to come',
    async play(server, client) {
      const socket = await begin(server, client);
      socket.push('session.position', {}, 150);
      socket.push('session.weather', { of: 'a later version' });
      socket.emit('Novelty', { of: 'a later version' });
      said(socket, 1, 151);
      await until('the push after them is shown', () => client.pushes('said').length === 1);
      expectSame('what is shown', client.all('push').length, 1);
    },
  },
  {
    name: 'takes a push whose route is a name of its own for a push',
    async play(server, client) {
      const socket = await begin(server, client);
      for (const route of ['error', 'state', 'moved', 'closed', 'constructor', '__proto__'])
        socket.push(route, { code: 'KICKED' });
      said(socket, 1, 101);
      await until('the push after them is shown', () => client.pushes('said').length === 1);
      await pause(200);
      expectSame('what the client says of itself', [client.all('closed').length, client.isOnline], [0, true]);
      expectSame('connections', server.sockets.length, 1);
    },
  },
];
