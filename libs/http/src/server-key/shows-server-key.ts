import { createHash, timingSafeEqual } from 'node:crypto';
import { Config } from '@ccgame/config';
import { bearerOf } from '../bearer.js';

/** Whether a request's `Authorization` shows SERVER_KEY. Takes the same time whatever differs. */
export function showsServerKey(authorization: string | undefined): boolean {
  const { SERVER_KEY: key } = Config;
  return !!key && timingSafeEqual(digestOf(bearerOf(authorization)), digestOf(key));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
