import { isNatsAddress, parseNatsAddress, redactNatsAddress } from './nats-address.js';

describe('NATS_ADDRESS', () => {
  it('holds several servers by comma, with user and password inside', () => {
    expect(parseNatsAddress('nats://game:s%40cret@nats-0:4222, nats-1,tls://nats-2:7422')).toEqual({
      servers: ['nats-0:4222', 'nats-1:4222', 'nats-2:7422'],
      user: 'game',
      pass: 's@cret',
      tls: true,
    });
  });

  it.each([
    ['pa%ss#word/1?@:x', 'pa%ss#word/1?@:x'],
    ['100%', '100%'],
    ['a%2Cb%23%25', 'a,b#%'],
    ['%ff', '%ff'],
    ['%E2%82%AC', '€'],
  ])('may have the password %s', (written, pass) => {
    expect(parseNatsAddress(`nats://game:${written}@nats-0:4222,nats-1`)).toMatchObject({
      servers: ['nats-0:4222', 'nats-1:4222'],
      pass,
    });
    expect(redactNatsAddress(`nats://game:${written}@nats-0:4222`)).toBe('nats-0:4222');
  });

  it.each([
    '',
    'http://nats',
    'nats://',
    'nats://a b',
    'nats://x:0',
    'nats://x:70000',
    'nats://x\r\ny',
    'a,,b',
    'nats://[1:2]:4222',
    'nats://[::1::2]',
  ])('is refused where it is %j', (address) => expect(isNatsAddress(address)).toBe(false));

  it('takes a lone user as a token', () => {
    expect(parseNatsAddress('nats://t0ken@nats:4222')).toEqual({
      servers: ['nats:4222'],
      token: 't0ken',
      tls: false,
    });
  });

  it('is shown without credentials', () => {
    expect(redactNatsAddress('nats://game:secret@nats-0:4222,nats://t0ken@nats-1')).toBe(
      'nats-0:4222,nats-1:4222',
    );
  });
});
