import { encodeJson } from '@ccgame/rpc';
import { within } from '@ccgame/rpc/basics';
import type { MatchRecord } from '../contracts/matches.js';
import type { MatchAllocator } from './match-allocator.js';

/** The largest allocation, bytes: it stands in the match's record and in pushes to all of its players. */
const mostBytes = 16 * 1024;

const releaseMs = 5_000;

/** @throws what the allocator throws; Error when it doesn't answer in time */
export function releaseAllocation(allocator: MatchAllocator, match: MatchRecord): Promise<void> {
  return answerWithin(releaseMs, () => allocator.release?.(match));
}

/**
 * Asks the game's allocator, and takes an answer that can be stored and pushed.
 *
 * @throws what the allocator throws; Error when it doesn't answer in time, or its answer isn't JSON of 16 KB at most, or would come as something else, as a Map
 */
export async function allocateWithin(
  allocator: MatchAllocator,
  match: MatchRecord,
  timeoutMs: number,
): Promise<unknown> {
  const allocation = await answerWithin(timeoutMs, () => allocator.allocate(match));
  if (allocation === undefined) throw new Error('The allocator gave nothing');
  const json = encodeJson(allocation);
  const bytes = Buffer.byteLength(json);
  if (bytes > mostBytes) throw new Error(`The allocator gave ${bytes} bytes, more than ${mostBytes}`);
  return JSON.parse(json) as unknown;
}

function answerWithin<T>(timeoutMs: number, ask: () => T | Promise<T>): Promise<T> {
  return within(timeoutMs, ask, () => {
    throw new Error(`The allocator did not answer within ${timeoutMs} ms`);
  });
}
