import { isName, type NameKind } from '@ccgame/config';
import { parseJson, type StoredMessage, writtenRecord } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import type {
  BackfillRecord,
  FenceRecord,
  MatchRecord,
  MembershipRecord,
  TicketRecord,
} from '../contracts/matches.js';

// The stream may hold what no server here wrote: an operator's hand, another version, an edited backup. Each kind of record is looked at as it is
// read, so that one that is none is left out in one place, and fails nowhere behind.

type Fields<T> = { [Name in keyof T]?: unknown };
type Is = (value: unknown) => boolean;

const ticketStates = ['open', 'proposed', 'matched', 'cancelled', 'declined', 'expired'];
const matchStates = ['proposed', 'allocating', 'formed', 'announced', 'cancelled', 'cancellationAnnounced'];
const backfillStates = ['open', 'filled', 'cancelled'];

const isText: Is = (value) => typeof value === 'string';
const isNumber: Is = (value) => Number.isFinite(value);
const isObject: Is = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const named =
  (kind: NameKind): Is =>
  (value) =>
    isName(kind, value);
const listOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const valuesAre =
  (is: Is): Is =>
  (value) =>
    isObject(value) && Object.values(value as object).every(is);
const optional =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);

const isPlayer = named('playerId');
const areAttributes = valuesAre((value) => typeof value === 'string' || Number.isFinite(value));
const isTold: Is = (value) => {
  const { serverId, handler } = (value ?? {}) as { serverId?: unknown; handler?: unknown };
  return isName('serverId', serverId) && isName('handler', handler);
};
const isPlace: Is = (value) => Number.isInteger(value) && (value as number) >= 0;
const isLack: Is = (value) => {
  const { team, role } = (value ?? {}) as { team?: unknown; role?: unknown };
  return isPlace(team) && isText(role);
};

/** The ticket of a player's subject: it names that player. */
export function isTicketOf(player: string, value: unknown): value is TicketRecord {
  if (!isObject(value)) return false;
  const ticket = value as Fields<TicketRecord>;
  return (
    isName('ticketId', ticket.ticketId) &&
    listOf(isPlayer)(ticket.players) &&
    (ticket.players as string[]).includes(player) &&
    isName('mode', ticket.mode) &&
    isName('version', ticket.version) &&
    areAttributes(ticket.attributes) &&
    isNumber(ticket.since) &&
    ticketStates.includes(ticket.state as string) &&
    optional(listOf(isText))(ticket.earlier) &&
    optional(listOf(listOf(isText)))(ticket.roles) &&
    optional(valuesAre(isNumber))(ticket.latencyMs) &&
    [ticket.matchId, ticket.requestId, ticket.leaving, ticket.movedTo].every(optional(isText))
  );
}

/** A match of a subject. */
export function isMatch(value: unknown): value is MatchRecord {
  if (!isObject(value)) return false;
  const match = value as Fields<MatchRecord>;
  return (
    isName('matchId', match.matchId) &&
    isName('mode', match.mode) &&
    isName('version', match.version) &&
    listOf(listOf(isPlayer))(match.teams) &&
    isNumber(match.createdAt) &&
    (match.state === undefined || matchStates.includes(match.state as string)) &&
    optional(isText)(match.partition) &&
    [match.tickets, match.accepted, match.blamed, match.dropped].every(optional(listOf(isText))) &&
    [match.acceptUntil, match.allocateUntil].every(optional(isNumber)) &&
    optional(areAttributes)(match.hardKeys) &&
    optional(named('matchId'))(match.backfillOf) &&
    optional(isTold)(match.notify)
  );
}

/** The request of a running match. */
export function isBackfill(value: unknown): value is BackfillRecord {
  if (!isObject(value)) return false;
  const asked = value as Fields<BackfillRecord>;
  return (
    isName('matchId', asked.matchId) &&
    isName('mode', asked.mode) &&
    isName('version', asked.version) &&
    areAttributes(asked.hardKeys) &&
    [asked.skill, asked.since, asked.until].every(isNumber) &&
    listOf(isPlace)(asked.places) &&
    optional(listOf(isLack))(asked.lacks) &&
    backfillStates.includes(asked.state as string) &&
    listOf(listOf(isText))(asked.joined) &&
    optional(isText)(asked.requestId) &&
    optional(isTold)(asked.notify)
  );
}

/** The owner of a partition. */
export function isFence(value: unknown): value is FenceRecord {
  const { partition, serverId, incarnation } = (value ?? {}) as Fields<FenceRecord>;
  return [partition, serverId, incarnation].every(isText);
}

/** A player's party. */
export function isMembership(value: unknown): value is MembershipRecord {
  return isObject(value) && optional(isPlayer)((value as Fields<MembershipRecord>).leader);
}

/** The record in a message; undefined where it is none, which an operator is told: the next write takes its place. */
export function recordIn<T>(message: StoredMessage, is: (value: unknown) => value is T): T | undefined {
  const written = writtenRecord(message);
  if (!written) return undefined;
  const value: unknown = parseJson(written.text());
  if (is(value)) return value;
  noteUnreadable('matching', message.subject, message.seq);
  return undefined;
}
