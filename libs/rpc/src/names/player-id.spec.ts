import fc from 'fast-check';
import { hostileNames } from '@ccgame/testing';
import { RpcError } from '../errors.js';
import { checkName } from './check-name.js';
import { decodePlayerId, encodePlayerId } from './player-id.js';

describe('the id of another identity provider', () => {
  it.each([
    ['auth0|5f7c8ec7c33c6c004bbafe82', 'auth0_7C5f7c8ec7c33c6c004bbafe82'],
    ['001234.abc.1234', '001234_2Eabc_2E1234'],
    ['anna@example.com', 'anna_40example_2Ecom'],
    ['a_b', 'a_5Fb'],
    ['76561198000000000', '76561198000000000'],
    ['größe', 'gr_C3_B6_C3_9Fe'],
    ['__proto__', '_5F_5Fproto_5F_5F'],
    ['constructor', '_63onstructor'],
  ])('%s is the player %s, and is found again', (externalId, playerId) => {
    expect(encodePlayerId(externalId)).toBe(playerId);
    expect(checkName('playerId', playerId)).toBe(playerId);
    expect(decodePlayerId(playerId)).toBe(externalId);
  });

  it('is never another one’s', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 10 });
    fc.assert(fc.property(text, (externalId) => decodePlayerId(encodePlayerId(externalId)) === externalId));
  });

  it.each([
    ['half a surrogate pair', 'a\ud800'],
    ['nothing', ''],
    ['too long', '|'.repeat(43)],
    ['no string', 7 as unknown as string],
  ])('is refused where it is %s', (_, externalId) => {
    expect(() => encodePlayerId(externalId)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it.each(['a_5fb', 'a_zz', '_FF', 'a_61'])('is not read from %s, which nobody made of one', (playerId) => {
    expect(() => decodePlayerId(playerId)).toThrow(RpcError);
  });
});

it.each(hostileNames)('the check refuses %s with INVALID, whatever it is', (_, value) => {
  const problems = [{ field: 'playerId', rule: expect.stringMatching(/^expected 1 to 128 letters/) }];
  expect(() => checkName('playerId', value)).toThrow(
    expect.objectContaining({ code: 'INVALID', details: { problems } }),
  );
});
