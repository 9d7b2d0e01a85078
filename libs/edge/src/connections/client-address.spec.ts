import { ClientAddresses } from './client-address.js';
import { parseRequestHead, type RequestHead } from './request-head.js';

const addresses = new ClientAddresses(['loopback', '10.0.0.0/8']);

function request(...forwarded: string[]): RequestHead {
  const lines = forwarded.map((value) => `X-Forwarded-For: ${value}\r\n`).join('');
  return parseRequestHead(Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`)) as RequestHead;
}

describe('the address that a connection counts for', () => {
  it.each<[string[], string, boolean]>([
    [['203.0.113.7'], '203.0.113.7', false],
    [['6.6.6.6, 203.0.113.7'], '203.0.113.7', false],
    [['6.6.6.6', '203.0.113.7, 10.1.2.3'], '203.0.113.7', false],
    [['203.0.113.7:51000'], '203.0.113.7', false],
    [['[2001:db8:1:2:3::4]:51000'], '2001:db8:1:2::/64', false],
    [['2001:db8::4'], '2001:db8:0:0::/64', false],
    [['::ffff:203.0.113.7'], '203.0.113.7', false],
    [['<script>'], '10.0.0.9', true],
    [['10.4.4.4'], '10.4.4.4', true],
    [[], '10.0.0.9', true],
  ])('is, behind a proxy that writes %j, %s', (forwarded, key, isProxy) => {
    expect(addresses.addressOfPeer('::ffff:10.0.0.9')).toBeUndefined();
    expect(addresses.addressBehind('::ffff:10.0.0.9', request(...forwarded))).toEqual({ key, isProxy });
  });

  it('is that of the peer where the peer is no proxy, whatever its headers say', () => {
    expect(addresses.addressOfPeer('::ffff:203.0.113.9')).toEqual({ key: '203.0.113.9', isProxy: false });
    expect(new ClientAddresses(false).addressOfPeer('127.0.0.1')).toEqual({
      key: '127.0.0.1',
      isProxy: false,
    });
  });
});
