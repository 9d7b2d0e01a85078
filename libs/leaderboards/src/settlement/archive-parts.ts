import { hashOf } from '@ccgame/config';

/** The messages that a settled period consists of. */
export const headPart = 'head';
/** The part of a settled period that says which rewards were given. */
export const rewardsPart = 'rewards';
/** The part with one page of a settled board, from 0. */
export const pagePart = (page: number): string => `page.${page}`;
/** The part with the ranks of the players in one bucket: see {@link bucketOfPlayer}. */
export const playersPart = (bucket: number): string => `players.${bucket}`;

/** Players a message: with ids of 128 characters it stays below 180 KB, which is far below what NATS carries. */
export const pageSize = 1_000;

/** The number of the message that has a player's rank. */
export function bucketOfPlayer(playerId: string, buckets: number): number {
  return hashOf(playerId) % buckets;
}
