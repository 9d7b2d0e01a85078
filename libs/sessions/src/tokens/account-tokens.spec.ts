import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { AccountTokens } from './account-tokens.js';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

describe("a token of the studio's own accounts", () => {
  let identity: Server;
  let published: object[] = [];
  let asked = 0;
  let pair: KeyPair;
  let tokens: AccountTokens;
  const rules = { issuer: 'https://id.example.com/', audience: 'game' };

  beforeAll(async () => {
    identity = createServer((_, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    }).listen(0, '127.0.0.1');
    await once(identity, 'listening');
    pair = await generateKeyPair('RS256');
    published = [{ ...(await exportJWK(pair.publicKey)), kid: 'rsa', alg: 'RS256' }];
    tokens = new AccountTokens({ ...rules, jwksUrl: urlOf(identity) });
  });
  afterAll(() => identity.close());

  const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const good: JWTPayload = { iss: rules.issuer, aud: rules.audience, sub: 'anna' };
  const tokenOf = (claims: JWTPayload, kid = 'rsa', { privateKey } = pair): Promise<string> =>
    new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 60, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(privateKey);

  it('is good by the keys of the issuer, which are asked for once', async () => {
    for (let i = 0; i < 3; i += 1)
      expect(await tokens.verify(await tokenOf(good))).toMatchObject({ playerId: 'anna' });
    expect(asked).toBe(1);
  });

  it('ends when it is taken no more, which is some seconds after its expiry', async () => {
    const exp = Math.floor(Date.now() / 1_000) - 5;
    expect(await tokens.verify(await tokenOf({ ...good, exp }))).toEqual({
      playerId: 'anna',
      expiresAt: (exp + 10) * 1_000,
    });
  });

  it.each<[string, JWTPayload]>([
    ['another issuer', { ...good, iss: 'ccgame' }],
    ['another audience', { ...good, aud: 'shop' }],
    ['no audience', { ...good, aud: undefined }],
    ['no subject', { ...good, sub: undefined }],
    ['a subject that is no id', { ...good, sub: 'a.*.>' }],
    ['an expiry that has passed', { ...good, exp: 1 }],
    ['text for an expiry', { ...good, exp: '9' as unknown as number }],
  ])('is refused with %s', async (_, claims) => {
    await expect(tokens.verify(await tokenOf(claims))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is refused when another key signed it, and when its key is unknown', async () => {
    const other = await generateKeyPair('RS256');
    for (const kid of ['rsa', 'other'])
      await expect(tokens.verify(await tokenOf(good, kid, other))).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
  });

  it('may be tried again while the keys of the issuer can not be had', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const jwksUrl = urlOf(closed);
    await new Promise((resolve) => closed.close(resolve));
    const unreachable = new AccountTokens({ ...rules, jwksUrl });
    await expect(unreachable.verify(await tokenOf(good))).rejects.toMatchObject({
      code: 'BUSY',
      retryable: true,
    });
  });
});
