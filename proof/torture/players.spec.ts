import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { judgePushes, judgeRequests } from './checker.js';
import { Ledger } from './ledger.js';
import { PlainPlayer } from './plain-player.js';
import { askRoute, tickRoute, type TorturedPlayer } from './player.js';
import { SdkPlayer } from './sdk-player.js';

/** A server that does what no connector may, to a player of each kind. */
describe('a fault that is planted', () => {
  const http = createServer((request, response) => {
    const url = `http://${request.headers.host}`;
    response.end(JSON.stringify({ version: '1.0.0000', httpUrl: url, wsUrl: url }));
  });
  const io = new Server(http, { transports: ['websocket'] });
  let ledger: Ledger;
  let players: TorturedPlayer[];

  beforeAll(async () => {
    io.on('connection', (socket) => {
      const data = { session: 's', position: 0, recovered: false, retryPolicies: {} };
      socket.emit('Push', { route: 'session.opened', data });
      socket.on('Request', ({ route, timestamp }: Record<string, unknown>) => {
        if (route !== askRoute) socket.emit('Response', { route, timestamp, data: {} });
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
  });
  beforeEach(async () => {
    ledger = new Ledger();
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    players = [SdkPlayer, PlainPlayer].map((Player) => new Player('p', url, ledger, 500));
    await Promise.all(players.map(({ ready }) => ready));
  });
  afterEach(() => {
    for (const player of players) player.close();
  });
  afterAll(() => io.close());

  async function until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const untilSeen = (last: number): Promise<void> =>
    until(() => players.every(({ diary }) => diary.last >= last));

  const push = (data: number): void =>
    void io.emit('Push', { route: tickRoute, data, position: data + 1 }, `${data}`);
  const sentAt = (): number[] => [0, 1, 2].map(() => Date.now());

  it('as a push that comes twice is seen by the plain player, and dropped by the SDK', async () => {
    const sent = sentAt();
    for (const number of [0, 1, 1, 2]) push(number);
    await untilSeen(2);
    const doubled = players.map(({ diary }) => judgePushes(sent, diary.told).duplicated);
    expect(doubled).toEqual([0, 1]);
  });

  it('as a server that recovers nobody is seen by both', async () => {
    const sent = sentAt();
    push(0);
    await untilSeen(0);
    for (const { conn } of io.sockets.sockets.values()) conn.close();
    await until(() => !players[1].isOnline);
    await until(() => players.every(({ isOnline }) => isOnline));
    push(2);
    await untilSeen(2);
    for (const { diary } of players) {
      expect(judgePushes(sent, diary.told)).toMatchObject({ gaps: 1, unfounded: 1, lost: 1, excused: 0 });
    }
  });

  it('as an answer that is kept back is seen by both', async () => {
    await Promise.all(players.map((player) => player.ask()));
    expect(judgeRequests(ledger.asked, ledger.ends, ['p-0', 'p-0'])).toMatchObject({ swallowed: 2 });
  });
});
