import { versionLabelPattern } from '#config';
import type { HandlerScope } from '../contract/contract.js';
import { RpcError } from '../errors.js';

/** `rpc.…` is what servers call, `client.…` what players may: NATS permissions part them. */
export const subjectPrefix: Record<HandlerScope, string> = { server: 'rpc', client: 'client' };

/** Stands in a broadcast subject where a version stands, for "whichever version". No version looks like it. */
const everyVersion = 'every';

// Each is one NATS token: no dots, wildcards, spaces or control characters, ASCII only.
const tokens = {
  serverType: /^[a-z][a-z0-9]{0,30}$/,
  serverId: /^[a-z][a-z0-9]{0,30}(-[a-z0-9]+)+$/,
  handler: /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
  version: versionLabelPattern,
  key: /^[A-Za-z0-9][A-Za-z0-9_=:-]{0,127}$/,
};

export type TokenKind = keyof typeof tokens;

/** A pod name's longest. */
const longestToken = 253;

export function isToken(kind: TokenKind, value: unknown): boolean {
  return typeof value === 'string' && value.length <= longestToken && tokens[kind].test(value);
}

/** @throws RpcError INVALID: the only door from a caller's words to a subject. */
export function checkToken(kind: TokenKind, value: unknown): string {
  if (!isToken(kind, value)) {
    throw new RpcError('INVALID', {
      message: `Not a ${kind}: ${JSON.stringify(value)?.slice(0, 100)}`,
      details: { field: kind, expected: `a string that matches ${tokens[kind].source}` },
    });
  }
  return value as string;
}

/** A version as one token: `1.0.0000` → `1_0_0000`. */
export function versionToken(version: string): string {
  return checkToken('version', version).replaceAll('.', '_');
}

/**
 * Whether an answer may go there. NATS lets a user name any subject for the answer to his request, and we would publish to
 * it with our own permissions (decision 026).
 */
export function isInbox(subject: string | undefined): subject is string {
  return subject?.startsWith('_INBOX.') === true;
}

export const subjects = {
  id: (scope: HandlerScope, serverId: string, handler: string) =>
    `${subjectPrefix[scope]}.id.${typeAndId(serverId)}.${checkToken('handler', handler)}`,

  any: (scope: HandlerScope, type: string, version: string, handler: string) =>
    `${subjectPrefix[scope]}.any.${checkToken('serverType', type)}.${versionToken(version)}.${checkToken('handler', handler)}`,

  /** Without a version: every version. */
  all: (scope: HandlerScope, type: string, version: string | undefined, handler: string) =>
    `${subjectPrefix[scope]}.all.${checkToken('serverType', type)}.${version === undefined ? everyVersion : versionToken(version)}.${checkToken('handler', handler)}`,

  key: (scope: HandlerScope, type: string, version: string, key: string, handler: string) =>
    `${subjectPrefix[scope]}.key.${checkToken('serverType', type)}.${versionToken(version)}.${checkToken('key', key)}.${checkToken('handler', handler)}`,

  /** Where a server says that it lives. `$` is in no handler's name. */
  alive: (serverId: string) => `rpc.id.${typeAndId(serverId)}.$alive`,
};

/** An id begins with its type (decision 004), which is a token of its own here: NATS permissions part the types by it. */
function typeAndId(serverId: string): string {
  const id = checkToken('serverId', serverId);
  return `${id.slice(0, id.indexOf('-'))}.${id}`;
}
