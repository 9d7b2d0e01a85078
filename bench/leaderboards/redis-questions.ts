import { Redis } from 'ioredis';
import type { Question } from './load.js';

/** The sorted set. */
export const key = 'board';

/** Asks the sorted set the same. */
export function askRedis(port: number): (question: Question, player: string) => Promise<unknown> {
  const redis = new Redis({ port, host: '127.0.0.1' });
  return (question, player) => ask(redis, question, player);
}

/** A rank that ties share is one more than the number of better scores. */
async function ask(redis: Redis, question: Question, player: string): Promise<unknown> {
  if (question === 'top') return redis.zrange(key, 0, 9, 'REV', 'WITHSCORES');
  const score = (await redis.zscore(key, player)) ?? '0';
  const rank = redis.zcount(key, `(${score}`, '+inf');
  if (question === 'rank') return rank;
  const place = (await redis.zrevrank(key, player)) ?? 0;
  return Promise.all([rank, redis.zrange(key, Math.max(0, place - 5), place + 5, 'REV', 'WITHSCORES')]);
}
