import { isName } from '@ccgame/config';
import { type BucketEntry, parseJson } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import type { SessionValues } from '../data/session-values.js';

/** A {@link SessionRecord} by player. */
export const sessionsBucket = 'sessions';
/** Some half a million players at once; one more is refused with BUSY. */
export const sessionsBytes = 256 * 2 ** 20;

/** A player's one live session in the cluster, as the bucket `sessions` holds it under the player's id. */
export interface SessionRecord {
  /** Lives as long as the player keeps resuming; a request's timestamp is its id within it. */
  session: string;
  /** The connector that holds the socket, or held it last. */
  serverId: string;
  /** The lease of that connector: the session ends with it. */
  lease?: string;
  /** The socket's id: parts two claims of the same session. */
  socket: string;
  version: string;
  /** False once the socket is gone and the player has not come back yet. */
  isConnected: boolean;
  /** The client's own word for itself. */
  instance?: string;
  /** The session's first handshake, epoch ms by its connector's clock: for people, nothing compares it. */
  since?: number;
  /** Why the socket is gone: a close's code, or socket.io's word. */
  why?: string;
  /** It was closed for good: nobody can go on with it. */
  isOver?: true;
  /** The game's own values. */
  data?: SessionValues;
  /** When the socket went, epoch ms by the clock of NATS, where the record was written again since then. */
  awayAt?: number;
  /** The session that its client wanted to go on with, and that had no record any more. */
  insteadOf?: string;
}

/** How a socket ended. */
export type SocketEnd = Pick<SessionRecord, 'why' | 'isOver'>;

/** A session that this connector owns, as far as it knows. */
export interface HeldClaim {
  readonly record: SessionRecord;
  /** The revision of the claim: higher than any earlier claim of the player, so back ends can fence off an older one. */
  readonly fence: number;
  /** The revision of the last write, and when that was, by `performance.now()`. */
  revision: number;
  writtenAt: number;
  /** By `performance.now()`. */
  readonly claimedAt: number;
}

/**
 * `moved`: the same client goes on with the session, on a newer socket. `replaced`: another one does, as a duplicated tab.
 * `kicked`: another session.
 */
export type Displacement = 'moved' | 'replaced' | 'kicked';

/** How the socket of one record is displaced by that of another. */
export function displacementOf(before: SessionRecord, now: SessionRecord): Displacement {
  if (before.session !== now.session) return 'kicked';
  const isOther =
    before.instance !== undefined && now.instance !== undefined && before.instance !== now.instance;
  return isOther ? 'replaced' : 'moved';
}

/** Whether nobody knows the session that a client names. Its client may not have heard of another one that stands in its place already. */
export function isForgottenIn(record: SessionRecord | undefined, session: string | undefined): boolean {
  if (session === undefined) return false;
  return !record || (record.insteadOf === session && !record.isOver);
}

/** Whether two records tell the same of a session's socket: one is the renewal of the other, or has other values. */
export function isSameSocket(one: SessionRecord | undefined, other: SessionRecord | undefined): boolean {
  if (!one || !other) return false;
  const { session, serverId, socket, isConnected, isOver = false } = one;
  return (
    session === other.session &&
    serverId === other.serverId &&
    socket === other.socket &&
    isConnected === other.isConnected &&
    isOver === (other.isOver ?? false)
  );
}

/** Undefined where the bucket has none, or what stands there is none: the next claim takes its place. */
export function recordOf(entry: BucketEntry | undefined): SessionRecord | undefined {
  return entry && readSession(entry.value, `$KV.${sessionsBucket}.${entry.key}`, entry.revision);
}

/** A record as the bucket holds it; undefined where it is none, which an operator is told. */
export function readSession(text: string, subject: string, sequence: number): SessionRecord | undefined {
  const record = sessionIn(text);
  if (!record && text !== '') noteUnreadable('session', subject, sequence);
  return record;
}

/** As {@link readSession}, and nobody is told. */
export function sessionIn(text: string): SessionRecord | undefined {
  const record = parseJson<Partial<SessionRecord>>(text);
  if (!record) return undefined;
  const { session, serverId, socket, version, isConnected, data = {} } = record;
  const isSound =
    isName('session', session) &&
    // The connector is asked and told by subjects that have its id.
    isName('serverId', serverId) &&
    isName('version', version) &&
    typeof socket === 'string' &&
    typeof isConnected === 'boolean' &&
    typeof data === 'object' &&
    data !== null;
  return isSound ? (record as SessionRecord) : undefined;
}
