import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { parseProxyHeader, type ProxyHeader, readProxyHeader } from './proxy-header.js';

const text = (line: string): Buffer => Buffer.from(`${line}\r\n`);
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n');

/** @param command 0x20: LOCAL, 0x21: PROXY. @param family 0x11: TCP over IPv4, 0x21: over IPv6, 0x31: UNIX */
function binary(command: number, family: number, addresses: number[], notes = 0): Buffer {
  const rest = Buffer.concat([Buffer.from(addresses), Buffer.alloc(notes)]);
  return Buffer.concat([
    signature,
    Buffer.from([command, family, rest.length >> 8, rest.length & 255]),
    rest,
  ]);
}

const ipv4 = [203, 0, 113, 7, 10, 0, 0, 1, 199, 56, 0, 80];
const ipv6 = [...[32, 1, 13, 184, ...Array<number>(11).fill(0), 1], ...Array<number>(16).fill(0), 0, 1, 0, 2];
const mapped = [
  ...Array<number>(10).fill(0),
  255,
  255,
  203,
  0,
  113,
  7,
  ...Array<number>(16).fill(0),
  0,
  1,
  0,
  2,
];

describe('the header of the PROXY protocol', () => {
  it.each<[string, Buffer, string | undefined]>([
    ['version 1, IPv4', text('PROXY TCP4 203.0.113.7 10.0.0.1 51000 80'), '203.0.113.7'],
    ['version 1, IPv6', text('PROXY TCP6 2001:db8::1 fd00::1 51000 80'), '2001:db8::1'],
    ['version 1, of nobody', text('PROXY UNKNOWN'), undefined],
    ['version 1, of nobody with what nobody reads', text('PROXY UNKNOWN ffff::1 ffff::2 1 2'), undefined],
    ['version 2, IPv4', binary(0x21, 0x11, ipv4), '203.0.113.7'],
    ['version 2, IPv4 with notes', binary(0x21, 0x11, ipv4, 200), '203.0.113.7'],
    ['version 2, IPv6', binary(0x21, 0x21, ipv6), '2001:db8:0:0:0:0:0:1'],
    ['version 2, IPv4 in IPv6', binary(0x21, 0x21, mapped), '203.0.113.7'],
    ['version 2, a health check', binary(0x20, 0x00, []), undefined],
    ['version 2, a health check with addresses', binary(0x20, 0x11, ipv4), undefined],
    ['version 2, UNIX', binary(0x21, 0x31, Array<number>(216).fill(1)), undefined],
  ])('says who the client is: %s', (_, bytes, source) => {
    expect(parseProxyHeader(Buffer.concat([bytes, Buffer.from('GET /')]))).toEqual({
      source,
      length: bytes.length,
    });
    for (let length = 0; length < bytes.length; length += 1)
      expect(parseProxyHeader(bytes.subarray(0, length))).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n')],
    ['half of another protocol', Buffer.from('PROX!')],
    ['no address', text('PROXY TCP4 localhost 10.0.0.1 1 2')],
    ['an address of the other family', text('PROXY TCP4 ::1 10.0.0.1 1 2')],
    ['an unknown family', text('PROXY UDP4 203.0.113.7 10.0.0.1 1 2')],
    ['no ports', text('PROXY TCP4 203.0.113.7 10.0.0.1')],
    ['ports that are none', text('PROXY TCP4 203.0.113.7 10.0.0.1 a b')],
    ['a line without an end', Buffer.from(`PROXY ${'x'.repeat(101)}`)],
    ['a line that is too long', text(`PROXY UNKNOWN ${'x'.repeat(100)}`)],
    ['version 3', binary(0x31, 0x11, ipv4)],
    ['an unknown command', binary(0x22, 0x11, ipv4)],
    ['half an address', binary(0x21, 0x11, [203, 0])],
    ['more than is read', binary(0x21, 0x11, ipv4, 2_100).subarray(0, 16)],
  ])('is refused: %s', (_, bytes) => {
    expect(parseProxyHeader(bytes)).toBe('none');
  });

  it('is read byte by byte, and what comes after it is left', async () => {
    const read: { header?: ProxyHeader; rest: string } = { rest: '' };
    const server = createServer((socket) =>
      readProxyHeader(socket, (header) => {
        read.header = header;
        socket.on('data', (chunk: Buffer) => (read.rest += chunk.toString()));
        socket.on('end', () => socket.end());
      }),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      noDelay: true,
    });
    for (const byte of binary(0x21, 0x11, ipv4)) {
      client.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    client.end('GET / HTTP/1.1');
    client.resume();
    await once(client, 'close');
    server.close();
    expect(read).toEqual({ header: { source: '203.0.113.7', length: 28 }, rest: 'GET / HTTP/1.1' });
  });
});
