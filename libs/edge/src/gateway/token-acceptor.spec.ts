import { Logger } from '@nestjs/common';
import { RpcError, rpcContext } from '@ccgame/rpc';
import type { TokenClaims } from '@ccgame/sessions';
import { refusalOfUnknownKey } from '../../test/unknown-key.js';
import { Abusers } from '../limits/abusers.js';
import type { PlayerSession } from './player-session.js';
import { TokenAcceptor } from './token-acceptor.js';

interface Answer {
  timestamp: number;
  data?: { tokenExpiresInMs: number };
  error?: { code: string };
}

describe('the renewal of a token', () => {
  let verify: (token: string) => TokenClaims | Promise<TokenClaims>;
  let offences: number;
  let answers: Answer[];
  let session: PlayerSession;
  let counted: number;
  const abusers = Object.assign(new Abusers(), { recordOffence: () => void (offences += 1) });
  const acceptor = new TokenAcceptor({ verify: (token: string) => verify(token) }, abusers);
  const endsIn = (ms: number): TokenClaims => ({ playerId: 'ann', expiresAt: Date.now() + ms });
  const renew = (token: string, timestamp = 1): Promise<void> =>
    rpcContext.run({ version: '1.0.0000', attributes: {}, hops: [] }, () =>
      acceptor.acceptToken(session, {
        route: 'session.renew',
        data: { token },
        timestamp,
      }),
    );
  const leftMs = (): number => session.tokenEndsAt - performance.now();

  beforeEach(() => {
    [offences, answers, counted] = [0, [], 0];
    const labelOf = (): string => {
      counted += 1;
      return 'other';
    };
    session = {
      playerId: 'ann',
      inFlight: 0,
      tokenEndsAt: performance.now() + 1_000,
      renewal: 0,
      routes: { labelOf },
      send: (_: string, json: string) => answers.push(JSON.parse(json) as Answer),
    } as unknown as PlayerSession;
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('is in flight until it is answered, and counted then', async () => {
    let end: (claims: TokenClaims) => void = () => undefined;
    verify = () => new Promise((resolve) => (end = resolve));
    const renewed = renew('a');
    expect(session.inFlight).toBe(1);
    end(endsIn(60_000));
    await renewed;
    expect([session.inFlight, counted]).toEqual([0, 1]);
    expect(answers[0].data?.tokenExpiresInMs).toBeGreaterThan(50_000);
    expect(leftMs()).toBeGreaterThan(50_000);
  });

  it('is BUSY after a while where its verifier never ends', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    jest.useFakeTimers();
    verify = () => new Promise(() => undefined);
    void renew('a');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(answers).toMatchObject([{ error: { code: 'BUSY', retryable: true } }]);
    expect([session.inFlight, offences]).toEqual([0, 0]);
  });

  it('is BUSY, and asks nobody, where the player has too many messages in flight', async () => {
    let asked = 0;
    verify = () => {
      asked += 1;
      return endsIn(60_000);
    };
    session.inFlight = 256;
    await renew('a');
    expect(answers).toMatchObject([{ error: { code: 'BUSY' } }]);
    expect([asked, session.inFlight]).toEqual([0, 256]);
  });

  it.each<[string, Error, number]>([
    ['the issuer is away', new RpcError('BUSY'), 0],
    ['the verifier fails', new TypeError('a defect'), 0],
    ['the verifier’s server is away', new RpcError('NO_SERVER'), 0],
    ['the token is no good', new RpcError('UNAUTHENTICATED'), 1],
  ])('is told that %s, which counts where it is the player’s own fault', async (_, error, times) => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    verify = () => Promise.reject(error);
    await renew('a');
    expect(answers).toMatchObject([{ error: { code: error instanceof RpcError ? error.code : 'INTERNAL' } }]);
    expect([offences, session.inFlight]).toEqual([times, 0]);
  });

  it('counts as the player’s fault with a key that nobody knows, though it may be tried again', async () => {
    const refusal = (await refusalOfUnknownKey()) as Error;
    verify = () => Promise.reject(refusal);
    await renew('a');
    expect(answers).toMatchObject([{ error: { code: 'BUSY', retryable: true } }]);
    expect(offences).toBe(1);
  });

  it('counts as the player’s fault with another one’s token', async () => {
    verify = () => ({ ...endsIn(60_000), playerId: 'ben' });
    await renew('a');
    expect(answers).toMatchObject([{ error: { code: 'UNAUTHENTICATED' } }]);
    expect(offences).toBe(1);
  });

  describe('of two at once', () => {
    let settle: Map<string, (claims: TokenClaims | Promise<never>) => void>;
    beforeEach(() => {
      settle = new Map();
      verify = (token) => new Promise((resolve) => settle.set(token, resolve));
    });

    it('takes the one that was sent last, whichever is verified first', async () => {
      const [older, newer] = [renew('older', 1), renew('newer', 2)];
      settle.get('newer')?.(endsIn(600_000));
      await newer;
      settle.get('older')?.(endsIn(30_000));
      await older;
      expect(leftMs()).toBeGreaterThan(500_000);
      expect(answers.map(({ timestamp }) => timestamp)).toEqual([2, 1]);
      // The client is told how long the token lasts that counts.
      expect(answers[1].data?.tokenExpiresInMs).toBeGreaterThan(500_000);
    });

    it('takes the older one where the newer one is refused', async () => {
      const [older, newer] = [renew('older', 1), renew('newer', 2)];
      settle.get('newer')?.(Promise.reject(new RpcError('UNAUTHENTICATED')));
      await newer;
      settle.get('older')?.(endsIn(600_000));
      await older;
      expect(leftMs()).toBeGreaterThan(500_000);
    });
  });
});
