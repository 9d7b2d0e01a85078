import { rememberToken } from './token.js';

describe('the game’s token', () => {
  it('is not asked for again by a question that needs no new one', async () => {
    let asked = 0;
    const { token, latest } = rememberToken(() => Promise.resolve(`token ${(asked += 1)}`));
    expect([await latest(), await latest()]).toEqual(['token 1', 'token 1']);
    if (typeof token === 'function') await token('renew');
    expect(await latest()).toBe('token 2');
  });
});
