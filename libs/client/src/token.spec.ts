import { PlayerToken } from './token.js';

describe('the game’s token', () => {
  it('is not asked for again by a question that needs no new one', async () => {
    let asked = 0;
    const token = new PlayerToken(() => Promise.resolve(`token ${(asked += 1)}`));
    expect([await token.latestToken(), await token.latestToken()]).toEqual(['token 1', 'token 1']);
    await token.fetchToken('renew');
    expect(await token.latestToken()).toBe('token 2');
  });

  it('is asked for once where the session and a leaderboard need it at the same time', async () => {
    let asked = 0;
    const token = new PlayerToken(() => Promise.resolve(`token ${(asked += 1)}`));
    expect(await Promise.all([token.fetchToken('connect'), token.latestToken()])).toEqual([
      'token 1',
      'token 1',
    ]);
    expect(await token.fetchToken('connect')).toBe('token 2');
  });

  it('is asked for again after it failed for both', async () => {
    let asked = 0;
    const token = new PlayerToken(() => Promise.reject(new Error(`no ${(asked += 1)}`)));
    const both = await Promise.allSettled([token.fetchToken('connect'), token.latestToken()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(token.fetchToken('connect')).rejects.toMatchObject({ cause: new Error('no 2') });
  });

  it.each([
    ['throws a ReferenceError', () => Promise.reject(new ReferenceError('logn is not defined')), false],
    ['reads of undefined', () => Promise.reject(new TypeError('Cannot read properties of undefined')), false],
    ['gives nothing', () => Promise.resolve(undefined as never), false],
    ['can’t reach the login', () => Promise.reject(new TypeError('fetch failed')), true],
    ['meets a proxy’s page', () => Promise.reject(new SyntaxError('Unexpected token <')), true],
    ['hangs', () => new Promise<never>(() => {}), true],
  ])(
    'that %s is told as TOKEN_FAILED, and asked for again only where that may help',
    async (_, ask, retryable) => {
      await expect(new PlayerToken(ask, 20).fetchToken('connect')).rejects.toMatchObject({
        code: 'TOKEN_FAILED',
        retryable,
      });
    },
  );
});
