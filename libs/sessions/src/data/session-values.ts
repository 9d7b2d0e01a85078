import { checkName, encodeJson, RpcError } from '@ccgame/rpc';

/** The values that a game keeps with a player's session: JSON by name. */
export type SessionValues = Readonly<Record<string, unknown>>;

/** Values to set by name; null takes one away. */
export type ValueChanges = Readonly<Record<string, unknown>>;

/** Bytes of one session's values as JSON. The record is written at each renewal, and its bucket holds half a million of 400 bytes. */
export const mostDataBytes = 2_048;

/** The name of the value that says which server of a type a session is bound to. */
export function boundServerName(serverType: string): string {
  return `bound-${serverType}`;
}

/** The change that binds a session to a server, of whatever type. @throws RpcError INVALID */
export function bindingTo(serverId: string): ValueChanges {
  const id = checkName('serverId', serverId);
  return { [boundServerName(id.slice(0, id.indexOf('-')))]: id };
}

/** The change that ends a session's binding to a server of a type. @throws RpcError INVALID */
export function noBindingTo(serverType: string): ValueChanges {
  return { [boundServerName(checkName('serverType', serverType))]: null };
}

/** @throws RpcError INVALID for a name or what JSON can't hold; TOO_LARGE */
export function changeValues(values: SessionValues = {}, changes: ValueChanges): SessionValues {
  const next: Record<string, unknown> = { ...values };
  for (const [name, value] of Object.entries(changes)) {
    checkName('sessionValue', name);
    if (value === null || value === undefined) delete next[name];
    else next[name] = value;
  }
  const json = encodeJson(next);
  const bytes = Buffer.byteLength(json);
  if (bytes > mostDataBytes) {
    throw new RpcError('TOO_LARGE', {
      message: 'The session has no room for it',
      details: { bytes, limit: mostDataBytes },
    });
  }
  // As those who read it later get it.
  return JSON.parse(json) as SessionValues;
}
