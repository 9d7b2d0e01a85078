import { ClientError } from './errors.js';
import { PlayerToken } from './token.js';
import { TokenRenewer } from './token-renewer.js';

const minutes = 60_000;

describe('the renewals of many players', () => {
  let random: jest.SpyInstance;
  let sentAt: number[];
  let answer: () => Promise<object>;
  let renewer: TokenRenewer;

  beforeEach(() => {
    jest.useFakeTimers();
    random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    sentAt = [];
    answer = async () => ({ tokenExpiresInMs: Infinity });
    const since = Date.now();
    renewer = new TokenRenewer(new PlayerToken(async () => 'fresh'), () => {
      sentAt.push(Date.now() - since);
      return answer();
    });
  });
  afterEach(() => {
    renewer.stop();
    random.mockRestore();
    jest.useRealTimers();
  });

  it.each([
    [0, 9],
    [0.5, 10.5],
    [0.999999999, 12],
  ])('are spread over a fifth of the token’s time: at %d', async (place, expected) => {
    random.mockReturnValue(place);
    renewer.tokenLasts({ tokenExpiresInMs: 15 * minutes });
    await jest.advanceTimersByTimeAsync(15 * minutes);
    expect(sentAt.map((ms) => Math.round(ms / 100) / 600)).toEqual([expected]);
  });

  it('come ever more rarely where they fail, and not before the servers want them', async () => {
    const delays = ['BUSY', 'BUSY', 'BUSY', 'RATE_LIMITED'];
    answer = async () => {
      const code = delays.shift();
      if (!code) return { tokenExpiresInMs: Infinity };
      throw new ClientError(code, code === 'RATE_LIMITED' ? { retryAfterMs: 30_000 } : {});
    };
    renewer.tokenLasts({ tokenExpiresInMs: 10 * minutes });
    await jest.advanceTimersByTimeAsync(10 * minutes);
    const waits = sentAt.slice(1).map((ms, index) => ms - sentAt[index]);
    expect(waits).toEqual([200, 400, 800, 30_000]);
  });

  it('begin with short waits again after one that came through', async () => {
    let failures = 0;
    answer = async () => {
      failures += 1;
      if (failures === 4) return { tokenExpiresInMs: 10 * minutes };
      throw new ClientError('BUSY');
    };
    renewer.tokenLasts({ tokenExpiresInMs: 10 * minutes });
    await jest.advanceTimersByTimeAsync(14 * minutes + 5_000);
    const waits = sentAt.slice(1).map((ms, index) => ms - sentAt[index]);
    expect(waits.slice(0, 5)).toEqual([200, 400, 800, 7 * minutes, 200]);
  });

  it('are given up where the socket ends while the game is asked for the token', async () => {
    let give: (token: string) => void = () => undefined;
    const slow = new PlayerToken(() => new Promise((resolve) => (give = resolve)));
    renewer = new TokenRenewer(slow, () => {
      sentAt.push(Date.now());
      return answer();
    });
    renewer.tokenLasts({ tokenExpiresInMs: 10 * minutes });
    await jest.advanceTimersByTimeAsync(8 * minutes);
    renewer.stop();
    give('late');
    await jest.advanceTimersByTimeAsync(minutes);
    expect(sentAt).toEqual([]);
  });
});
