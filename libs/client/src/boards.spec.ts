import { Boards } from './boards.js';
import type { ClientError } from './errors.js';
import { GameHttp } from './game-http.js';
import type { Token } from './options.js';
import { PlayerToken } from './token.js';

describe('the own place on a board', () => {
  let asked: string[];
  let good: string;

  beforeEach(() => (asked = []));

  const boards = (token: Token) => {
    const fetch = async (_: string, { headers }: { headers: Record<string, string> }) => {
      asked.push(headers.authorization);
      const ok = headers.authorization === `Bearer ${good}`;
      const json = async () => (ok ? { player: {} } : { code: 'UNAUTHENTICATED', title: 'no' });
      return { ok, headers: { get: () => null }, json };
    };
    return new Boards(new GameHttp({ url: 'http://play.example', fetch }), new PlayerToken(token));
  };
  const codeOf = (error: ClientError) => error.code;

  it('is asked for with a newer token where the last one has run out, and by that from then on', async () => {
    const reasons: string[] = [];
    const own = boards((reason) => `t${reasons.push(reason)}`);
    good = 't2';
    expect(await own.me('ranked')).toEqual({ player: {} });
    expect(await own.me('ranked')).toEqual({ player: {} });
    expect([reasons, asked]).toEqual([
      ['connect', 'refused'],
      ['Bearer t1', 'Bearer t2', 'Bearer t2'],
    ]);
  });

  it('is asked for twice at most, and once with a token that is text', async () => {
    good = 'none';
    expect(
      await boards(() => 't')
        .me('ranked')
        .catch(codeOf),
    ).toBe('UNAUTHENTICATED');
    expect(asked).toHaveLength(2);
    expect(await boards('text').me('ranked').catch(codeOf)).toBe('UNAUTHENTICATED');
    expect(asked).toHaveLength(3);
  });

  it('fails with the client’s own error where the game gives no token', async () => {
    const failing = boards(() => Promise.reject(new Error('the login is down')));
    expect(await failing.me('ranked').catch(codeOf)).toBe('TOKEN_FAILED');
  });
});
