import { checkName, RpcError } from '@ccgame/rpc';
import type { CallId } from '../live/records.js';

type Attributes = Readonly<Record<string, string>>;

/** The attributes of a server's call to an entity, beside its payload. */
export function callAttributes(attributes: Attributes, id: string, call: Required<CallId>): Attributes {
  return { ...attributes, entity: id, entityCall: `${call.caller}.${call.number}.${call.acked}` };
}

/** Whether a server asks, by `EntityClient`; else a player does, through a connector. */
export function isOfServer({ entityCall }: Attributes): boolean {
  return entityCall !== undefined;
}

/** The entity that a server's call is for, or the player's room by the connector. @throws RpcError INVALID */
export function entityIdOf({ entity }: Attributes): string {
  if (entity === undefined) throw new RpcError('INVALID', { message: 'Entities are called by EntityClient' });
  return checkName('entityId', entity);
}

/**
 * By which a repeated call is known: a server's count, or a player's session and the id of the message. Undefined: the
 * player's client gave none, so it won't repeat it either.
 */
export function callIdOf({ entityCall, uid, session, request }: Attributes): CallId | undefined {
  if (entityCall !== undefined) {
    const [caller, number, acked] = entityCall.split('.');
    return { caller, number: Number(number), acked: Number(acked) };
  }
  if (uid === undefined || session === undefined || request === undefined) return undefined;
  return { caller: `${uid}/${session}`, number: Number(request) };
}

/** The number of the player's call that is to be applied before this one; undefined: none that is still under way. */
export function afterOf({ after }: Attributes): number | undefined {
  return after === undefined ? undefined : Number(after);
}
