import { RpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import type { Answer, HeardCall } from './records.js';

/** The data of an answer, for its caller. @throws RpcError what the handler threw */
export function dataOf(answer: Answer): unknown {
  if (!('error' in answer)) return answer.data;
  const { code, ...rest } = answer.error;
  throw new RpcError(code, rest);
}

/** The answer to a stored call of an entity: it was applied, so an error is final, and gets a code that no transient one has. */
export function answerAgain({ code }: Pick<HeardCall, 'code'>): Answer {
  return code === undefined
    ? {}
    : { error: { ...EntityErrors.CALL_REFUSED().toPublic(), details: { code } } };
}
