import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { decodePlayerId } from '@ccgame/rpc';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { untilHolds } from '@ccgame/testing';
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
  const closedUrl = async (): Promise<string> => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const url = urlOf(closed);
    await new Promise((resolve) => closed.close(resolve));
    return url;
  };
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

  it.each([-600_000, 600_000])(
    'ends by the clock of all servers, which is %s ms ahead of this machine',
    async (aheadMs) => {
      const here = new AccountTokens({ ...rules, jwksUrl: urlOf(identity) }, () => aheadMs);
      const exp = Math.floor((Date.now() + aheadMs) / 1_000) + 60;
      expect(await here.verify(await tokenOf({ ...good, exp }))).toEqual({
        playerId: 'anna',
        expiresAt: (exp + 10) * 1_000 - aheadMs,
      });
      const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });
      await expect(here.verify(await tokenOf({ ...good, exp: exp - 120 }))).rejects.toEqual(refused);
      const notYet = { ...good, exp: exp + 600, nbf: exp + 60 };
      await expect(here.verify(await tokenOf(notYet))).rejects.toEqual(refused);
    },
  );

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

  describe('whose issuer has ids of another form than players have', () => {
    const encoded = () => new AccountTokens({ ...rules, jwksUrl: urlOf(identity), subject: 'encoded' });

    it.each([
      ['auth0|5f7c', 'auth0_7C5f7c'],
      ['auth0_7C5f7c', 'auth0_5F7C5f7c'],
      ['001234.abc.1234', '001234_2Eabc_2E1234'],
      ['anna', 'anna'],
    ])('is good for the player whose id is made of it: %s', async (sub, playerId) => {
      expect(await encoded().verify(await tokenOf({ ...good, sub }))).toMatchObject({ playerId });
      expect(decodePlayerId(playerId)).toBe(sub);
    });

    it.each<[string, unknown]>([
      ['nothing', ''],
      ['no text', 7],
      ['longer than an id in its form', '|'.repeat(43)],
    ])('is refused with a subject that is %s', async (_, sub) => {
      const token = await tokenOf({ ...good, sub: sub as string });
      await expect(encoded().verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    it('is refused as long as the environment does not say that it is to take that form, which the log says once', async () => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
      const plain = new AccountTokens({ ...rules, jwksUrl: urlOf(identity) });
      for (let i = 0; i < 2; i += 1) {
        const token = await tokenOf({ ...good, sub: 'auth0|5f7c' });
        await expect(plain.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      }
      expect(warn.mock.calls).toEqual([
        [{ event: 'token.subject-refused', sub: 'auth0|5f7c', remedy: 'TOKEN_SUBJECT=encoded' }],
      ]);
      jest.restoreAllMocks();
    });
  });

  it('is refused when another key signed it, and when its key is unknown', async () => {
    const other = await generateKeyPair('RS256');
    const soon = Date.now() + 2_001;
    for (const kid of ['rsa', 'other']) {
      const token = await tokenOf(good, kid, other);
      jest.spyOn(Date, 'now').mockReturnValue(soon);
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      jest.restoreAllMocks();
    }
  });

  it('may be tried again while the keys of the issuer can not be had', async () => {
    const unreachable = new AccountTokens({ ...rules, jwksUrl: await closedUrl() });
    await expect(unreachable.verify(await tokenOf(good))).rejects.toMatchObject({
      code: 'BUSY',
      retryable: true,
    });
  });

  describe('while the issuer is away', () => {
    const minute = 60_000;
    let issuer: Server;
    let isAway = false;
    let count = 0;
    let since: number;
    const at = (minutes: number): void => {
      jest.spyOn(Date, 'now').mockReturnValue(since + minutes * minute);
    };
    const long: JWTPayload = { ...good, exp: Math.floor(Date.now() / 1_000) + 86_400 };
    let known: AccountTokens;

    beforeEach(async () => {
      [isAway, count, since] = [false, 0, Date.now()];
      issuer = createServer((_, response) => {
        count += 1;
        response.statusCode = isAway ? 503 : 200;
        response.end(JSON.stringify({ keys: published }));
      }).listen(0, '127.0.0.1');
      await once(issuer, 'listening');
      known = new AccountTokens({ ...rules, jwksUrl: urlOf(issuer) });
      await known.verify(await tokenOf(long));
      isAway = true;
    });
    afterEach(() => {
      jest.restoreAllMocks();
      issuer.close();
    });

    it('is good by the keys that are known, for hours', async () => {
      for (const minutes of [11, 12, 120, 359]) {
        at(minutes);
        expect(await known.verify(await tokenOf(long))).toMatchObject({ playerId: 'anna' });
      }
      at(361);
      await expect(known.verify(await tokenOf(long))).rejects.toMatchObject({ code: 'BUSY' });
    });

    it('asks the issuer twice a minute, and not for each token', async () => {
      for (let second = 0; second < 60; second += 5) {
        at(11 + second / 60);
        await known.verify(await tokenOf(long));
      }
      await untilHolds(() => count >= 3);
      expect(count).toBe(3);
    });

    it('is refused at once when its key is withdrawn before the issuer goes', async () => {
      isAway = false;
      const withdrawn = published;
      published = [
        { ...(await exportJWK((await generateKeyPair('RS256')).publicKey)), kid: 'new', alg: 'RS256' },
      ];
      at(11);
      await expect(known.verify(await tokenOf(long))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      published = withdrawn;
    });

    it('has new keys as soon as the issuer is back', async () => {
      at(11);
      await known.verify(await tokenOf(long));
      isAway = false;
      at(12);
      await known.verify(await tokenOf(long));
      await untilHolds(() => count === 3);
      at(20);
      await known.verify(await tokenOf(long));
      expect(count).toBe(3);
    });
  });
});
