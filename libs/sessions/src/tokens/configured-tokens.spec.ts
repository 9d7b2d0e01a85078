import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NatsClock } from '@ccgame/jetstream';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ConfiguredTokens } from './configured-tokens.js';

describe('a server whose environment names an issuer', () => {
  const hour = 3_600_000;
  let identity: Server;
  let sign: (expiresAt: number) => Promise<string>;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA');
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'EdDSA' }];
    identity = createServer((_, response) => response.end(JSON.stringify({ keys }))).listen(0, '127.0.0.1');
    await once(identity, 'listening');
    Object.assign(process.env, {
      TOKEN_JWKS_URL: `http://127.0.0.1:${(identity.address() as AddressInfo).port}/`,
      TOKEN_ISSUER: 'https://id.example.com/',
      TOKEN_AUDIENCE: 'game',
      TOKEN_SUBJECT: 'encoded',
    });
    sign = (expiresAt) =>
      new SignJWT({ sub: 'auth0|5f7c', exp: Math.floor(expiresAt / 1_000) })
        .setIssuer('https://id.example.com/')
        .setAudience('game')
        .setProtectedHeader({ alg: 'EdDSA', kid: 'first' })
        .sign(privateKey);
  });
  afterAll(() => identity.close());

  it.each([-hour, hour])("looks at its tokens' expiry by the clock of NATS, %s ms ahead", async (aheadMs) => {
    const clock = { now: () => Date.now() + aheadMs } as NatsClock;
    const tokens = new ConfiguredTokens(clock);
    const { expiresAt } = await tokens.verify(await sign(clock.now() + 60_000));
    const leftMs = expiresAt - Date.now();
    expect(leftMs).toBeGreaterThan(60_000);
    expect(leftMs).toBeLessThanOrEqual(70_000);
    await expect(tokens.verify(await sign(clock.now() - 60_000))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('takes the players of its accounts by the form that the environment names', async () => {
    const tokens = new ConfiguredTokens();
    expect(await tokens.verify(await sign(Date.now() + 60_000))).toMatchObject({ playerId: 'auth0_7C5f7c' });
  });
});
