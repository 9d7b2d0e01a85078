import { createHash, timingSafeEqual } from 'node:crypto';
import { Config } from '@ccgame/config';
import { bearerOf } from '../bearer.js';

/** Whether a request's `Authorization` shows one of SERVER_KEY. Takes the same time whatever differs. */
export function showsServerKey(authorization: string | undefined): boolean {
  const shown = digestOf(bearerOf(authorization));
  const matches = (Config.SERVER_KEY ?? []).map((key) => timingSafeEqual(shown, digestOf(key)));
  return matches.includes(true);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
