import { parseNatsAddress, redactNatsAddress } from './nats-address.js';

describe('NATS_ADDRESS', () => {
  it('holds several servers by comma, with user and password inside', () => {
    expect(parseNatsAddress('nats://game:s%40cret@nats-0:4222, nats-1,tls://nats-2:7422')).toEqual({
      servers: ['nats-0:4222', 'nats-1:4222', 'nats-2:7422'],
      user: 'game',
      pass: 's@cret',
      tls: true,
    });
  });

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
