import { createHmac } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { Config } from '#config';
import { hostileNames } from '#testing';
import { JwtTokens } from './jwt-tokens.js';

const tokens = new JwtTokens();
const exp = Math.floor(Date.now() / 1_000) + 600;

function signed(claims: object): string {
  return createSigner({ key: Config.TOKEN_SECRET, algorithm: 'HS256' })({ iss: 'ccgame', ...claims });
}

describe('a token that is signed well', () => {
  it('speaks for its player', () => {
    expect(tokens.verify(signed({ sub: 'anna', exp }))).toEqual({ playerId: 'anna', expiresAt: exp * 1_000 });
  });

  const isJson = ([, value]: [string, unknown]): boolean => ['string', 'number'].includes(typeof value);
  it.each(hostileNames.filter(isJson))('speaks for nobody where its player is %s', (_, sub) => {
    expect(() => tokens.verify(rawToken({ sub, exp }))).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });

  it.each([
    ['no player', { exp }],
    ['no time', { sub: 'anna' }],
    ['a time that is text', { sub: 'anna', exp: String(exp) }],
    ['a time beyond all', { sub: 'anna', exp: 1e300 }],
    ['a list of players', { sub: ['anna'], exp }],
    ['an object for a player', { sub: { id: 'anna' }, exp }],
    ['another issuer', { sub: 'anna', exp, iss: 'other' }],
    ['issuers', { sub: 'anna', exp, iss: ['ccgame', 'other'] }],
  ])('is refused where it has %s', (_, claims) => {
    expect(() => tokens.verify(rawToken(claims))).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });
});

/** The library refuses to sign some of these; whoever has the key need not use it. */
function rawToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'ccgame', ...claims })}`;
  return `${text}.${createHmac('sha256', Config.TOKEN_SECRET).update(text).digest('base64url')}`;
}
