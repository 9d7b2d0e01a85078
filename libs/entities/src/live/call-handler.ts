import { sentError } from '@ccgame/rpc';
import { runWatched, type WatchedEntity } from '../hangs/run-watched.js';
import type { EntityCall, EntityOf } from './entity-of.js';
import { plainData } from './plain-data.js';
import type { Answer } from './records.js';
import { synchronous } from './synchronous.js';

/** @throws what the handler throws; Error for a handler that returns a promise */
export function callHandler(instance: EntityOf, method: string, payload: unknown, call: EntityCall): unknown {
  const handlers = instance as unknown as Record<string, (payload: unknown, call: EntityCall) => unknown>;
  return synchronous(method, handlers[method].call(instance, payload, call));
}

/** An entity whose code gives answers. */
interface AnsweringEntity extends WatchedEntity {
  /** The last thing that its code threw in place of a result. */
  thrown?: unknown;
}

/**
 * The answer to store: the result as JSON, since the state that it may be a part of goes on, or the error.
 *
 * @param entity names itself in the log of an INTERNAL error, and keeps what was thrown
 * @param what the method, or the engine's word for it
 */
export function answerOf(work: () => unknown, entity: AnsweringEntity, what: string): Answer {
  entity.thrown = undefined;
  try {
    return runWatched(entity, what, () => {
      const data = work();
      return data === undefined ? {} : { data: plainData(data) };
    });
  } catch (error) {
    entity.thrown = error;
    const { code, body } = sentError(error, entity.key);
    return { error: { ...body, code } };
  }
}
