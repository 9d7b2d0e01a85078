import { RpcError } from '@ccgame/rpc';
import type { Answer } from './records.js';

/** The data of an answer, for its caller. @throws RpcError what the handler threw */
export function dataOf(answer: Answer): unknown {
  if (!('error' in answer)) return answer.data;
  const { code, ...rest } = answer.error;
  throw new RpcError(code, rest);
}
