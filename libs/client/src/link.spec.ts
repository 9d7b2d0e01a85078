import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untilHolds } from '@ccgame/testing';
import { Server, type Socket } from 'socket.io';
import { Link } from './link.js';

const session = { session: 's1', position: 0, recovered: true, serverId: 'connector-0', playerId: 'anna' };
/** A slow connection's, ms. */
const usualMs = 1_000;

describe('the time in which a connector answers', () => {
  let server: Server;
  let answered: number[];
  let link: Link;

  /** @param receive a request, by its number */
  async function open(receive: (number: number, answer: (number: number) => void) => void): Promise<void> {
    const http = createServer();
    server = new Server(http);
    server.on('connection', (socket: Socket) => {
      const answer = (timestamp: number): void => void socket.emit('Response', { route: 'a.b', timestamp });
      socket.emit('Push', { route: 'session.opened', data: session });
      socket.on('Request', ({ timestamp }: { timestamp: number }) => receive(timestamp, answer));
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    answered = [];
    const answer = ({ timestamp = 0 }: { timestamp?: number }): void => void answered.push(timestamp);
    const events = { opened() {}, push() {}, move() {}, lost() {}, answer };
    link = new Link(url, { token: 't', protocol: 1 }, {}, { isPolling: false }, events);
    await link.open(10_000);
    link.answeredAfterMs = usualMs;
  }

  const request = (timestamp: number): void => link.sendMessage('Request', { timestamp });

  afterEach(async () => {
    link.close();
    await server.close();
  });

  it('is not that of another request, whose answer comes just after one was sent', async () => {
    // Longer than a fourth of the connection's.
    await open((number, answer) => setTimeout(answer, number === 1 ? usualMs * 0.3 : 0, number));
    request(1);
    request(2);
    await untilHolds(() => answered.length === 2);
    expect(answered).toEqual([2, 1]);
    expect(link.answeredAfterMs).toBe(usualMs);
  });

  it('is four times that of a request of its own, where that is less', async () => {
    await open((number, answer) => answer(number));
    request(1);
    await untilHolds(() => answered.length === 1);
    expect(link.answeredAfterMs).toBeLessThan(usualMs);
  });
});
