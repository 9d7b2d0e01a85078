import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ownBytes, shareReads } from './shared-reads.js';

describe('the chunks of sockets that share their reads', () => {
  let server: Server;
  const clients: Socket[] = [];

  beforeAll(async () => {
    server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => clients.splice(0).forEach((client) => client.destroy()));
  afterAll(() => server.close());

  /** @param direct gets what comes in the shared memory; the others go to `came` as well */
  async function openPair(direct: (chunk: Buffer) => void) {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(client);
    const [socket] = await accepted;
    const came: string[] = [];
    let told: (() => void) | undefined;
    const take = (chunk: Buffer): void => {
      came.push(chunk.toString());
      told?.();
    };
    socket.on('data', take);
    shareReads(socket, (chunk) => {
      direct(chunk);
      take(chunk);
    });
    const until = async (text: string): Promise<void> => {
      while (came.join('') !== text) await new Promise<void>((resolve) => (told = resolve));
    };
    return { client, socket, came, until };
  }

  it('are in one memory, which the next chunk of any socket is read to', async () => {
    const chunks: Buffer[] = [];
    const [one, other] = [
      await openPair((chunk) => chunks.push(chunk)),
      await openPair((chunk) => chunks.push(chunk)),
    ];
    one.client.write('first');
    await one.until('first');
    const kept = ownBytes(chunks[0]);
    other.client.write('other');
    await other.until('other');
    expect(chunks.map(String)).toEqual(['other', 'other']);
    expect(String(kept)).toBe('first');
    expect(ownBytes(kept)).toBe(kept);
  });

  it('wait for a socket that rests, in their order, while another reads on', async () => {
    const [resting, other] = [await openPair(() => undefined), await openPair(() => undefined)];
    resting.client.write('1');
    await resting.until('1');
    resting.socket.pause();
    resting.socket.unshift(Buffer.from('2'));
    resting.client.write('3');
    other.client.write('x'.repeat(200_000));
    await other.until('x'.repeat(200_000));
    expect(resting.came).toEqual(['1']);
    resting.socket.resume();
    resting.client.write('4');
    await resting.until('1234');
  });

  it('end as those of others do', async () => {
    const { client, socket, until } = await openPair(() => undefined);
    const ended = once(socket, 'end');
    client.end('last');
    await ended;
    await until('last');
  });
});
