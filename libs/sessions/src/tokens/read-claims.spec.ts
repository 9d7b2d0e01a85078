import { hostileNames } from '@ccgame/testing';
import { readClaims } from './read-claims.js';

const exp = 2_000_000_000;

describe('the claims of a token that is signed well', () => {
  it('speak for their player', () => {
    expect(readClaims({ sub: 'anna', exp })).toEqual({ playerId: 'anna', expiresAt: exp * 1_000 });
  });

  it.each(hostileNames)('speak for nobody where the player is %s', (_, sub) => {
    expect(() => readClaims({ sub, exp })).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });

  it.each([
    ['none', undefined],
    ['text', String(exp)],
    ['beyond all', Infinity],
    ['no number', Number.NaN],
  ])('are refused where the time is %s', (_, time) => {
    expect(() => readClaims({ sub: 'anna', exp: time })).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });
});
