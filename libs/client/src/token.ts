import { maxTokenLength } from './check-options.js';
import { ClientError } from './errors.js';
import { isMistake } from './mistakes.js';
import type { Token, TokenReason } from './options.js';

/** The game's own login may hang: its answer is waited for so long. */
const loginMs = 15_000;

/** The player's token, as the game gives it. */
export class PlayerToken {
  private last?: string;
  /** The question for a connection that waits for its answer. */
  private connecting?: Promise<string>;

  constructor(
    private readonly token: Token,
    private readonly timeoutMs = loginMs,
  ) {}

  /** There is never another one. */
  get isFixed(): boolean {
    return typeof this.token === 'string';
  }

  /**
   * Asks the game for a token. At its start the session and a leaderboard may ask at once: by two logins a game may make two players, so
   * both get the answer to one.
   *
   * @throws ClientError TOKEN_FAILED, retryable unless the game's function has a mistake in it
   */
  async fetchToken(reason: TokenReason): Promise<string> {
    if (reason !== 'connect') return this.askGame(reason);
    return (this.connecting ??= this.askGame(reason).finally(() => (this.connecting = undefined)));
  }

  /** The last one that the game gave: a question by HTTP needs no new one. @throws ClientError TOKEN_FAILED */
  async latestToken(): Promise<string> {
    return this.last ?? this.fetchToken('connect');
  }

  private async askGame(reason: TokenReason): Promise<string> {
    const { token } = this;
    if (typeof token === 'string') return token;
    return (this.last = await tokenWithin(this.timeoutMs, async () => token(reason)));
  }
}

async function tokenWithin(ms: number, ask: () => Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(new Error(`token() has not ended within ${ms} ms`), true)), ms);
  });
  try {
    const token: unknown = await Promise.race([ask(), late]);
    if (typeof token === 'string' && token !== '' && token.length <= maxTokenLength) return token;
    const expected = `a string of 1 to ${maxTokenLength} characters`;
    throw failed(new TypeError(`token() gave a ${typeof token}, and not ${expected}`), false);
  } catch (error) {
    throw error instanceof ClientError ? error : failed(error, !isMistake(error));
  } finally {
    clearTimeout(timer);
  }
}

function failed(cause: unknown, retryable: boolean): ClientError {
  return new ClientError('TOKEN_FAILED', { retryable }, cause);
}
