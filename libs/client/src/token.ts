import { ClientError } from './errors.js';
import { isMistake } from './mistakes.js';
import type { Token, TokenReason } from './options.js';

/**
 * Asks the game for its token.
 *
 * @throws ClientError TOKEN_FAILED, retryable unless the game's function has a mistake in it
 */
export async function tokenWithin(ms: number, ask: () => Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(new Error(`token() has not ended within ${ms} ms`), true)), ms);
  });
  try {
    const token: unknown = await Promise.race([ask(), late]);
    if (typeof token === 'string' && token !== '') return token;
    throw failed(new TypeError(`token() gave a ${typeof token}, not a string with something in it`), false);
  } catch (error) {
    throw error instanceof ClientError ? error : failed(error, !isMistake(error));
  } finally {
    clearTimeout(timer);
  }
}

function failed(cause: unknown, retryable: boolean): ClientError {
  return new ClientError('TOKEN_FAILED', { retryable }, cause);
}

/** The same token, and the last one that it gave: a question by HTTP needs no new one. */
export function rememberToken(token: Token): { token: Token; latest: () => Promise<string> } {
  if (typeof token === 'string') return { token, latest: () => Promise.resolve(token) };
  let last: string | undefined;
  const ask = async (reason: TokenReason): Promise<string> => (last = await token(reason));
  return { token: ask, latest: () => (last === undefined ? ask('connect') : Promise.resolve(last)) };
}
