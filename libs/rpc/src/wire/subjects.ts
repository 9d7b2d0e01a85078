import type { HandlerScope } from '../contract/contract.js';
import { checkName } from '../names/check-name.js';

/** `rpc.…` is what servers call, `client.…` what players may: NATS permissions part them. */
export const subjectPrefix: Record<HandlerScope, string> = { server: 'rpc', client: 'client' };

/** Stands in a broadcast subject where a version stands, for "whichever version". No version looks like it. */
const everyVersion = 'every';

/** A version as one token: `1.0.0000` → `1_0_0000`. */
export function versionToken(version: string): string {
  return checkName('version', version).replaceAll('.', '_');
}

/**
 * Whether an answer may go there. NATS lets a user name any subject for the answer to a request, and we would publish to
 * it with our own permissions (decision 026).
 */
export function isInbox(subject: string | undefined): subject is string {
  return subject?.startsWith('_INBOX.') === true;
}

/** The NATS subjects of calls, by target. @throws RpcError INVALID for a name that is none */
export const subjects = {
  id: (scope: HandlerScope, serverId: string, handler: string) =>
    `${subjectPrefix[scope]}.id.${typeAndId(serverId)}.${checkName('handler', handler)}`,

  any: (scope: HandlerScope, type: string, version: string, handler: string) =>
    `${subjectPrefix[scope]}.any.${checkName('serverType', type)}.${versionToken(version)}.${checkName('handler', handler)}`,

  /** Without a version: every version. */
  all: (scope: HandlerScope, type: string, version: string | undefined, handler: string) =>
    `${subjectPrefix[scope]}.all.${checkName('serverType', type)}.${version === undefined ? everyVersion : versionToken(version)}.${checkName('handler', handler)}`,

  key: (scope: HandlerScope, type: string, version: string, key: string, handler: string) =>
    `${subjectPrefix[scope]}.key.${checkName('serverType', type)}.${versionToken(version)}.${checkName('key', key)}.${checkName('handler', handler)}`,
};

/**
 * Where a server says that it lives (decision 010). NATS answers "no responders" at once for one that is gone. `$` is in no
 * handler's name.
 */
export const aliveSubject = (serverId: string): string => `rpc.id.${typeAndId(serverId)}.$alive`;

/** An id begins with its type (decision 004), which is a token of its own here: NATS permissions part the types by it. */
function typeAndId(serverId: string): string {
  const id = checkName('serverId', serverId);
  return `${id.slice(0, id.indexOf('-'))}.${id}`;
}
