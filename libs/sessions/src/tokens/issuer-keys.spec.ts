import { Issuer } from '../../test/issuer.js';
import { AccountTokens } from './account-tokens.js';
import { isBadToken } from './bad-token.js';

describe('a token whose key is not among those of its issuer', () => {
  let issuer: Issuer;
  let tokens: AccountTokens;

  beforeEach(async () => {
    issuer = await Issuer.start();
    tokens = new AccountTokens({ ...issuer.rules, jwksUrl: issuer.url });
    await tokens.verify(await issuer.tokenOf());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    issuer.stop();
  });

  const refusalOf = (token: string): Promise<unknown> =>
    tokens.verify(token).then(
      () => undefined,
      (error: unknown) => error,
    );
  /** The keys are asked for again then. */
  const passSeconds = (seconds: number): void => {
    const then = Date.now() + seconds * 1_000;
    jest.spyOn(Date, 'now').mockReturnValue(then);
  };

  it('may be tried again in a moment when the known keys were just asked for, as its own may be newer', async () => {
    await issuer.publish('next');
    const token = await issuer.tokenOf({}, 'next');
    expect(await refusalOf(token)).toMatchObject({ code: 'BUSY', retryable: true, retryAfterMs: 2_000 });
    passSeconds(2.001);
    expect(await tokens.verify(token)).toMatchObject({ playerId: 'anna' });
  });

  it('is refused for good where keys that were asked for since it came first do not have its own', async () => {
    const withdrawn = await issuer.tokenOf({}, 'withdrawn');
    expect(await refusalOf(withdrawn)).toMatchObject({ code: 'BUSY' });
    passSeconds(2.001);
    for (let i = 0; i < 3; i += 1)
      expect(await refusalOf(withdrawn)).toMatchObject({ code: 'UNAUTHENTICATED' });
    // One that comes only now may be newer than these.
    expect(await refusalOf(await issuer.tokenOf({}, 'newest'))).toMatchObject({ code: 'BUSY' });
  });

  it('counts as a bad one, also where it may be tried again: anybody can make up a key', async () => {
    const refusal = await refusalOf(await issuer.tokenOf({}, 'made-up'));
    expect(refusal).toMatchObject({ code: 'BUSY', retryable: true });
    expect(isBadToken(refusal)).toBe(true);
    expect(isBadToken(await refusalOf(await issuer.tokenOf({ exp: 1 })))).toBe(true);
  });

  it('asks an issuer that fails once in 2 s, however many come', async () => {
    issuer.isFailing = true;
    tokens = new AccountTokens({ ...issuer.rules, jwksUrl: issuer.url });
    const before = issuer.asked;
    for (const kid of ['first', 'a', 'b', 'c'])
      expect(await refusalOf(await issuer.tokenOf({}, kid))).toMatchObject({ code: 'BUSY', retryable: true });
    expect(issuer.asked - before).toBe(1);
    issuer.isFailing = false;
    passSeconds(2.001);
    expect(await tokens.verify(await issuer.tokenOf())).toMatchObject({ playerId: 'anna' });
  });

  it('counts as nothing where the issuer is away', async () => {
    issuer.stop();
    tokens = new AccountTokens({ ...issuer.rules, jwksUrl: 'http://127.0.0.1:9/keys' });
    const refusal = await refusalOf(await issuer.tokenOf());
    expect(refusal).toMatchObject({ code: 'BUSY', retryable: true });
    expect(isBadToken(refusal)).toBe(false);
  });
});
