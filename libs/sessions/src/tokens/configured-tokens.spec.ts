import type { NatsClock } from '@ccgame/jetstream';
import { Issuer } from '../../test/issuer.js';
import { ConfiguredTokens } from './configured-tokens.js';

describe('a server whose environment names an issuer', () => {
  const hour = 3_600_000;
  let issuer: Issuer;

  beforeAll(async () => {
    issuer = await Issuer.start();
    Object.assign(process.env, {
      TOKEN_JWKS_URL: issuer.url,
      TOKEN_ISSUER: issuer.rules.issuer,
      TOKEN_AUDIENCE: issuer.rules.audience,
      TOKEN_SUBJECT: 'encoded',
    });
  });
  afterAll(() => issuer.stop());

  it.each([-hour, hour])("looks at its tokens' expiry by the clock of NATS, %s ms ahead", async (aheadMs) => {
    const clock = { now: () => Date.now() + aheadMs } as NatsClock;
    const tokens = new ConfiguredTokens(clock);
    const tokenFor = (ms: number): Promise<string> =>
      issuer.tokenOf({ exp: Math.floor((clock.now() + ms) / 1_000) });
    const { expiresAt } = await tokens.verify(await tokenFor(60_000));
    const leftMs = expiresAt - Date.now();
    expect(leftMs).toBeGreaterThan(60_000);
    expect(leftMs).toBeLessThanOrEqual(70_000);
    await expect(tokens.verify(await tokenFor(-60_000))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('takes the players of its accounts by the form that the environment names', async () => {
    const token = await issuer.tokenOf({ sub: 'auth0|5f7c' });
    expect(await new ConfiguredTokens().verify(token)).toMatchObject({ playerId: 'auth0_7C5f7c' });
  });
});
