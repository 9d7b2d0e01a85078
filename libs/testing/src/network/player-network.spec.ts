import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { untilHolds } from '../until-holds.js';
import { PlayerNetwork } from './player-network.js';

const quiet = (socket: Socket): Socket => socket.on('error', () => undefined).resume();

describe('a half-open connection of the players’ network', () => {
  it('tells neither side that the other one has ended', async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => void accepted.push(quiet(socket)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const network = new PlayerNetwork({ connector: () => port });
    await network.open();
    const open = async (): Promise<Socket> => {
      const count = accepted.length;
      const client = quiet(connect(Number(new URL(network.url).port), '127.0.0.1'));
      client.write('GET /socket.io/ HTTP/1.1\r\n\r\n');
      await untilHolds(() => accepted.length > count);
      return client;
    };

    const [leaving, staying] = [await open(), await open()];
    expect(network.halfOpen(1)).toBe(2);
    leaving.destroy();
    accepted[1].destroy();
    // A connection that ends later, and whose end is told, shows that the others had the time.
    (await open()).destroy();
    await untilHolds(() => accepted[2].destroyed);
    expect([accepted[0].destroyed, staying.destroyed]).toEqual([false, false]);

    network.close();
    await untilHolds(() => accepted[0].destroyed && staying.destroyed);
    server.close();
  });
});
