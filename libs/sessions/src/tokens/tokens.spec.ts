import { createHmac, createPublicKey, type JsonWebKey, sign } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig, makeTokenKey } from '@ccgame/config';
import { NatsClock } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import { OwnTokens } from './own-tokens.js';
import { TokenSigner } from './token-signer.js';
import { TokenVerifier } from './token-verifier.js';
import { TokensModule } from './tokens.module.js';

const [first, second, strange] = ['first', 'second', 'strange'].map((kid) => makeTokenKey(kid)) as [
  Key,
  Key,
  Key,
];
type Key = ReturnType<typeof makeTokenKey>;

const nowSeconds = Math.floor(Date.now() / 1_000);
const good = { iss: 'ccgame', sub: 'anna', iat: nowSeconds, exp: nowSeconds + 60 };
const unsigned = (header: object, payload: unknown): string =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

/** By Node alone, so that nothing is checked by the library that is tested. */
function tokenBy({ signingKey }: Key, payload: unknown = good, header: object = {}): string {
  const jwk = JSON.parse(signingKey) as JsonWebKey & { kid: string };
  const input = unsigned({ alg: 'EdDSA', typ: 'JWT', kid: jwk.kid, ...header }, payload);
  return `${input}.${sign(null, Buffer.from(input), { key: jwk, format: 'jwk' }).toString('base64url')}`;
}

function hs256(secret: string | Buffer, header: object = {}, payload: unknown = good): string {
  const input = unsigned({ alg: 'HS256', typ: 'JWT', ...header }, payload);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function verifierOf(...keys: Key[]): OwnTokens {
  const TOKEN_PUBLIC_KEYS = JSON.stringify({ keys: keys.map(({ publicKey }) => publicKey) });
  const env = { NODE_ENV: 'prod', SERVER_TYPE: 'connector', SERVER_ID: 'connector-0', TOKEN_PUBLIC_KEYS };
  return new OwnTokens(loadConfig(env, 'connector'));
}

const isRefused = (check: () => unknown): void => {
  expect(check).toThrow(expect.objectContaining({ name: RpcError.name, code: 'UNAUTHENTICATED' }));
};

describe("a player's token", () => {
  const tokens = verifierOf(first);
  const pem = createPublicKey({ key: first.publicKey, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });

  it('is good with the key that signed it, and says who and until when', () => {
    expect(tokens.verify(tokenBy(first))).toEqual({ playerId: 'anna', expiresAt: good.exp * 1_000 });
  });

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['no string', { toString: () => tokenBy(first) }],
    ['no token', 'x.y.z'],
    ['a giant', tokenBy(first, { ...good, note: 'x'.repeat(1_000_000) })],
    ['dots alone', '.'.repeat(2_000)],
    ['a token of an unknown key', tokenBy(strange)],
    ["a token that names another's key", tokenBy(strange, good, { kid: 'first' })],
    ['a token without a kid', tokenBy(first, good, { kid: undefined })],
    ['a kid that is a list', tokenBy(first, good, { kid: ['first'] })],
    ['a kid of every object', tokenBy(first, good, { kid: '__proto__' })],
    ['alg none', `${unsigned({ alg: 'none', kid: 'first' }, good)}.`],
    ['alg None, signed', tokenBy(first, good, { alg: 'None' })],
    ['HS256 by the public key', hs256(pem, { kid: 'first' })],
    [
      'HS256 by the raw public key',
      hs256(Buffer.from(first.publicKey.x ?? '', 'base64url'), { kid: 'first' }),
    ],
    ['HS256 by the secret of a laptop', hs256('development-only-token-secret-0000')],
    ['another alg of the same key', tokenBy(first, good, { alg: 'ES256' })],
    ['no signature', tokenBy(first).replace(/[^.]*$/, '')],
    ['a part too many', `${tokenBy(first)}.x`],
    ['a critical header', tokenBy(first, good, { crit: ['exp'] })],
    ['another issuer', tokenBy(first, { ...good, iss: 'other' })],
    ['a list of issuers', tokenBy(first, { ...good, iss: ['ccgame'] })],
    ['no issuer', tokenBy(first, { ...good, iss: undefined })],
    ['no subject', tokenBy(first, { ...good, sub: undefined })],
    ['a number for a subject', tokenBy(first, { ...good, sub: 7 })],
    ['null for a subject', tokenBy(first, { ...good, sub: null })],
    ['a list for a subject', tokenBy(first, { ...good, sub: ['anna'] })],
    ['an empty subject', tokenBy(first, { ...good, sub: '' })],
    ['a subject that is a pattern', tokenBy(first, { ...good, sub: 'a.*.>' })],
    ['a subject of many characters', tokenBy(first, { ...good, sub: 'x'.repeat(129) })],
    ['no expiry', tokenBy(first, { ...good, exp: undefined })],
    ['text for an expiry', tokenBy(first, { ...good, exp: String(good.exp) })],
    ['null for an expiry', tokenBy(first, { ...good, exp: null })],
    ['an expiry that has passed', tokenBy(first, { ...good, exp: nowSeconds - 1 })],
    ['an expiry without end', withRaw('exp', '1e999')],
    ['a time before which it is not good', tokenBy(first, { ...good, nbf: nowSeconds + 60 })],
    ['text for that time', tokenBy(first, { ...good, nbf: 'now' })],
    ['claims that are a list', tokenBy(first, [good])],
    ['claims that are null', tokenBy(first, null)],
  ])('is refused: %s', (_, token) => {
    isRefused(() => tokens.verify(token as string));
  });

  /** JSON that JSON.stringify doesn't write. */
  function withRaw(claim: string, value: string): string {
    const jwk = JSON.parse(first.signingKey) as JsonWebKey;
    const payload = JSON.stringify({ ...good, [claim]: 0 }).replace(`"${claim}":0`, `"${claim}":${value}`);
    const header = unsigned({ alg: 'EdDSA', kid: 'first' }, 0).split('.')[0];
    const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
    return `${input}.${sign(null, Buffer.from(input), { key: jwk, format: 'jwk' }).toString('base64url')}`;
  }

  it('stays good while its key is changed: the new one is known before it signs, the old one until all have expired', () => {
    const both = verifierOf(first, second);
    for (const key of [first, second]) expect(both.verify(tokenBy(key)).playerId).toBe('anna');
    expect(verifierOf(second).verify(tokenBy(second)).playerId).toBe('anna');
    isRefused(() => verifierOf(second).verify(tokenBy(first)));
  });

  it.each([-600_000, 600_000])('ends by the clock that it is signed by, which is %s ms ahead', (aheadMs) => {
    const TOKEN_PUBLIC_KEYS = JSON.stringify({ keys: [first.publicKey] });
    const env = { NODE_ENV: 'prod', SERVER_TYPE: 'connector', SERVER_ID: 'connector-0', TOKEN_PUBLIC_KEYS };
    const here = new OwnTokens(loadConfig(env, 'connector'), () => aheadMs);
    const exp = good.exp + aheadMs / 1_000;
    expect(here.verify(tokenBy(first, { ...good, exp }))).toEqual({
      playerId: 'anna',
      expiresAt: good.exp * 1_000,
    });
    isRefused(() => here.verify(tokenBy(first, { ...good, exp: exp - 120 })));
  });

  it('is signed and checked by the clock of NATS, whatever two machines say', async () => {
    const natsTime = Date.now() + 3_600_000;
    @Global()
    @Module({ providers: [{ provide: NatsClock, useValue: { now: () => natsTime } }], exports: [NatsClock] })
    class ClockModule {}
    @Module({ imports: [ClockModule, TokensModule.forRoot()], providers: [TokenSigner] })
    class Root {}
    const app = await NestFactory.createApplicationContext(Root, { logger: false });
    const { token, expiresInSeconds } = app.get(TokenSigner).sign('anna');
    const own = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => own() - 7_200_000);
    try {
      const { expiresAt } = await app.get(TokenVerifier).verify(token);
      const leftMs = expiresAt - Date.now();
      expect(leftMs).toBeGreaterThan((expiresInSeconds - 60) * 1_000);
      expect(leftMs).toBeLessThanOrEqual(expiresInSeconds * 1_000);
    } finally {
      clock.mockRestore();
      await app.close();
    }
  });

  it('is HS256 on a laptop, where a token of another kind is none', () => {
    const laptop = new OwnTokens(loadConfig({}, 'http'));
    const secret = 'development-only-token-secret-0000';
    expect(laptop.verify(hs256(secret)).playerId).toBe('anna');
    for (const token of [hs256(secret, { alg: 'HS512' }), hs256(secret, { kid: 'x' }), tokenBy(first)])
      isRefused(() => laptop.verify(token));
  });
});
