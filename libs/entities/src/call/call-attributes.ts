import { checkName, invalid } from '@ccgame/rpc';
import type { CallId, CallSource } from '../live/records.js';

type Attributes = Readonly<Record<string, string>>;

/** The attributes of the call that another one is made in, as a guard set them, but for what names that call. */
export function attributesAround(attributes: Attributes): Attributes {
  if (attributes.entitySource === undefined && attributes.after === undefined) return attributes;
  const { entitySource: _source, after: _after, ...rest } = attributes;
  return rest;
}

/** The attributes of a server's call to an entity by which that call is known. */
export function callAttributes(id: string, { caller, number, acked }: Required<CallId>): Attributes {
  return { entity: id, entityCall: `${caller}.${number}.${acked}` };
}

/** The attributes of a stored call of an entity. */
export function sourceAttributes(id: string, { from, number }: CallSource): Attributes {
  return { entity: id, entitySource: `${number}.${from}` };
}

/** Undefined: it is no stored call of an entity. */
export function sourceOf({ entitySource }: Attributes): CallSource | undefined {
  if (entitySource === undefined) return undefined;
  const end = entitySource.indexOf('.');
  return { number: Number(entitySource.slice(0, end)), from: entitySource.slice(end + 1) };
}

/** Whether a server asks, by `EntityClient` or for an entity; else a player does, through a connector. */
export function isOfServer({ entityCall, entitySource }: Attributes): boolean {
  return entityCall !== undefined || entitySource !== undefined;
}

/** The entity that a server's call is for, or the player's room by the connector. @throws RpcError INVALID */
export function entityIdOf({ entity }: Attributes): string {
  if (entity === undefined)
    throw invalid([
      { field: 'entity', rule: 'missing: an entity is called by EntityClient, not by RpcService' },
    ]);
  return checkName('entityId', entity);
}

/**
 * Names a call, so that a repeat of it is known: by a server's count, or by a player's session and the id of the message. Undefined: the
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
