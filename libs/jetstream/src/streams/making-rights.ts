import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, PermissionViolationError, RequestError } from '@nats-io/nats-core';
import { hasJetStream } from '@ccgame/nats';

/** The subjects that a user may publish to: all, but for what these say. */
interface PublishRights {
  allow?: string[];
  deny?: string[];
}

/** The answer to a user who asks NATS for its own rights. */
interface UserInfo {
  data?: { permissions?: { publish?: PublishRights } };
}

const ownRights = '$SYS.REQ.USER.INFO';
const answerMs = 2_000;
const known = new WeakMap<NatsConnection, PublishRights>();

/** Whether the NATS server has JetStream, by its greeting. */
export function isExpectedToStart(manager: JetStreamManager): boolean {
  const nats = connectionOf(manager);
  return nats === undefined || hasJetStream(nats);
}

/**
 * Whether this server's user may make or change a stream. NATS is asked for the rights: a try that it refuses would be an
 * error in its log and a reason for the alarm CcgameNatsDenied (decision 309). Rights that the user is given later count from
 * this server's next start.
 *
 * @throws TimeoutError when NATS does not answer
 */
export async function mayMake(
  manager: JetStreamManager,
  verb: 'CREATE' | 'UPDATE',
  stream: string,
): Promise<boolean> {
  const nats = connectionOf(manager);
  if (nats === undefined) return true;
  const rights = known.get(nats) ?? (await readRights(nats));
  known.set(nats, rights);
  return isAllowed(`$JS.API.STREAM.${verb}.${stream}`, rights);
}

/** A user without the right to ask is told by the refusal of a try. */
export function noteDenial(manager: JetStreamManager, error: unknown): void {
  const nats = connectionOf(manager);
  if (!nats || !(error instanceof RequestError) || !(error.cause instanceof PermissionViolationError)) return;
  if (/STREAM\.(CREATE|UPDATE|LIST)/.test(error.cause.subject))
    known.set(nats, { deny: ['$JS.API.STREAM.CREATE.>', '$JS.API.STREAM.UPDATE.>'] });
}

/** All, where NATS does not tell: only a try can then. */
async function readRights(nats: NatsConnection): Promise<PublishRights> {
  try {
    const answer = await nats.request(ownRights, '', { timeout: answerMs });
    return answer.json<UserInfo>().data?.permissions?.publish ?? {};
  } catch (error) {
    if (error instanceof RequestError) return {};
    throw error;
  }
}

function isAllowed(subject: string, { allow, deny = [] }: PublishRights): boolean {
  const isNamed = (patterns: string[]): boolean => patterns.some((pattern) => covers(pattern, subject));
  return (allow === undefined || isNamed(allow)) && !isNamed(deny);
}

/** `*` is one token, `>` one or more at the end. */
function covers(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  const isSame = (token: string, index: number): boolean =>
    token === '>' ? index < given.length : token === '*' || token === given[index];
  return wanted.every(isSame) && (wanted.at(-1) === '>' || wanted.length === given.length);
}

/** The library keeps it, though its interface doesn't show it. */
function connectionOf(manager: JetStreamManager): NatsConnection | undefined {
  return (manager as unknown as { nc?: NatsConnection }).nc;
}
