import type { Handler } from './handler.js';
import type { ServerIdentity } from '../options.js';
import { subjects } from '../wire/subjects.js';

/** A NATS subject on which a handler listens. */
export interface HandlerSubject {
  subject: string;
  /** Servers of one queue share its calls. */
  queue?: string;
}

/**
 * The subjects that lead to a handler. A keyed handler is reached by id or key, never as "any of the type": that would be
 * a server that doesn't own the key. A handler of this one server (`reach: 'id'`) hears no broadcast.
 *
 * @param others handlers of the same process: where one name has a handler for the id and one for the type, each call has
 *   only one of them.
 */
export function subjectsOf(
  handler: Handler,
  identity: ServerIdentity,
  others: readonly Handler[],
): HandlerSubject[] {
  const { serverId, serverType, version } = identity;
  const { scope, name } = handler;
  const shared = others.some((other) => other !== handler && other.scope === scope && other.name === name);
  const one = shared && handler.reach === 'type' ? [] : [{ subject: subjects.id(scope, serverId, name) }];
  if (handler.keyed) {
    return one;
  }
  if (one.length > 0) {
    one.push({ subject: subjects.any(scope, serverType, version, name), queue: 'any' } as HandlerSubject);
  }
  if (handler.reach === 'id') {
    return one;
  }
  return [
    ...one,
    { subject: subjects.all(scope, serverType, version, name) },
    { subject: subjects.all(scope, serverType, undefined, name) },
  ];
}
