import { rpcContext } from '../context.js';
import { invalid } from '../validation/invalid.js';

/** A timer can't be set further ahead than 24 days; nobody waits for a day. */
const longestMs = 86_400_000;

/** A call made while another is handled ends with that one at the latest. @throws RpcError INVALID */
export function deadlineOf(now: number, timeoutMs: number): number {
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    throw invalid([{ field: 'timeoutMs', rule: 'expected a number of ms' }]);
  }
  return Math.min(now + Math.min(timeoutMs, longestMs), rpcContext.get().deadline ?? Infinity);
}
