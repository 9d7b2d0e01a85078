import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { shareReads } from './shared-reads.js';
import { isTaken, writeNow } from './write-now.js';

describe('what is written at once', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** @returns `socket` is the server's; `came` has all that its client got when the connection has ended */
  async function openPair() {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = await accepted;
    socket.on('error', () => undefined);
    client.on('error', () => undefined);
    const came = async (): Promise<Buffer> => {
      const chunks: Buffer[] = [];
      for await (const chunk of client) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    return { client, socket, came };
  }

  it('keeps its place among what the stream writes', async () => {
    const { socket, came } = await openPair();
    for (let index = 0; index < 100; index += 2) {
      socket.write(`${index},`);
      writeNow(socket, Buffer.from(`${index + 1},`));
    }
    socket.end();
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    expect(String(await came())).toBe(`${numbers.join(',')},`);
  });

  it('keeps its place where the client reads nothing and the kernel takes no more', async () => {
    const { client, socket, came } = await openPair();
    client.pause();
    const piece = Buffer.alloc(256 * 1024, '-');
    let pieces = 0;
    // Until some of it waits in the kernel's queue alone, of which the stream knows nothing.
    for (; socket.writableLength === 0 && pieces < 100; pieces += 1) {
      writeNow(socket, piece);
      socket.write('a');
    }
    writeNow(socket, Buffer.from('b'));
    socket.end('c');
    const text = String(await came());
    expect(text.replaceAll('-', '')).toBe(`${'a'.repeat(pieces)}bc`);
    expect(text).toHaveLength(pieces * (piece.length + 1) + 2);
  });

  it('waits in the stream, which tells of it, behind bytes that the kernel has not taken', async () => {
    const { client, socket, came } = await openPair();
    client.pause();
    const piece = Buffer.alloc(256 * 1024, '-');
    let pieces = 0;
    for (; isTaken(socket) && pieces < 100; pieces += 1) writeNow(socket, piece);
    expect([isTaken(socket), socket.writableLength]).toEqual([false, 0]);
    writeNow(socket, Buffer.from('answer'));
    expect(socket.writableLength).toBe(6);
    const written = new Promise((resolve) => socket.write('a', resolve));
    const read = came();
    await written;
    expect(isTaken(socket)).toBe(true);
    writeNow(socket, Buffer.from('b'));
    socket.end();
    expect(String(await read).replaceAll('-', '')).toBe('answerab');
  });

  it('ends the connection where it fails and nothing is read', async () => {
    const { client, socket } = await openPair();
    socket.on('data', () => undefined);
    shareReads(socket, () => undefined);
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    client.resetAndDestroy();
    await once(client, 'close');
    writeNow(socket, Buffer.from('answer'));
    await closed;
  });

  it('goes by the stream where that is no socket', async () => {
    const [one, other] = duplexPair();
    writeNow(one as Socket, Buffer.from('ping'));
    expect(String((await once(other, 'data'))[0])).toBe('ping');
  });

  it('is lost where the connection has ended', async () => {
    const { client, socket } = await openPair();
    client.resetAndDestroy();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (let index = 0; index < 10; index += 1) writeNow(socket, Buffer.from('ping'));
    await closed;
    writeNow(socket, Buffer.from('ping'));
  });
});
