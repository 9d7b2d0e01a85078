import { ConfigError, loadConfig } from '@ccgame/config';
import { ClientAddresses } from './client-address.js';

const addresses = new ClientAddresses(['loopback', '10.0.0.0/8']);

/** Node gives several headers as one, by commas. */
function request(...forwarded: string[]): { headers: object } {
  return { headers: forwarded.length > 0 ? { 'x-forwarded-for': forwarded.join(', ') } : {} };
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

  it('is found for every list of proxies that the environment takes', () => {
    const problemOf = (TRUSTED_PROXIES: string): unknown => {
      try {
        void new ClientAddresses(loadConfig({ TRUSTED_PROXIES }, 'http').TRUSTED_PROXIES);
        return undefined;
      } catch (error) {
        return error instanceof ConfigError ? 'refused' : error;
      }
    };
    for (const good of ['none', '10.0.0.0/8,::1', 'fd00::/8', '10.0.0.7/32', 'uniquelocal, 0.0.0.0/1'])
      expect([good, problemOf(good)]).toEqual([good, undefined]);
    for (const bad of ['0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '*', '10.0.0'])
      expect([bad, problemOf(bad)]).toEqual([bad, 'refused']);
  });
});
