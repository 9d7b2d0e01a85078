import {
  type BackfillRecord,
  backfillSubject,
  type FenceRecord,
  fenceSubject,
  matchCreatedSubject,
  type MatchRecord,
  type MatchState,
  type MembershipRecord,
  membershipSubject,
  type TicketRecord,
  ticketSubject,
} from '../contracts/matches.js';
import type { ExpectingMessage } from '@ccgame/jetstream';

/** How long a closed ticket can still be asked for. */
export const closedForSeconds = 600;

/** A party that has not queued for so long is forgotten. */
export const membershipForSeconds = 1_800;

/**
 * An owner that sleeps for longer finds no fence, and is refused as well. Longer than an empty partition is kept, so that an owner seldom does;
 * and no longer, as each value of a hard key may leave one.
 */
export const fencedForSeconds = 1_200;

/** How long a match stays that nothing is left to do about: an answer to its ready-check may be late. See `PlayedMatches` for the rest. */
export const settledForSeconds = 120;

/** Servers read all of the stream when they start, so what is over goes soon. */
const keptForSeconds: Partial<Record<MatchState, number>> = {
  cancellationAnnounced: settledForSeconds,
  announced: settledForSeconds,
};

/** Whether a ticket still waits, or is in a match that isn't settled. */
export const isOpen = ({ state }: TicketRecord): boolean => state === 'open' || state === 'proposed';

/**
 * A ticket, once under each of its players; the leader's comes last, so that a reader of it has read the others.
 *
 * @param seqs where each player's newest message stands, 0 for none
 */
export function ticketMessages(ticket: TicketRecord, seqs: (player: string) => number): ExpectingMessage[] {
  const payload = JSON.stringify(ticket);
  const ttlSeconds = isOpen(ticket) ? undefined : closedForSeconds;
  return [...ticket.players]
    .reverse()
    .map((player) => ({ subject: ticketSubject(player), payload, expected: seqs(player), ttlSeconds }));
}

/** The message that stores a match. @param expected the sequence of its newest record; 0: it has none */
export function matchMessage(match: MatchRecord, expected: number): ExpectingMessage {
  const ttlSeconds = match.state && keptForSeconds[match.state];
  return {
    subject: matchCreatedSubject(match.matchId),
    payload: JSON.stringify(match),
    expected,
    ttlSeconds,
  };
}

/** @param now by the clock of the stream, epoch ms */
export function backfillMessage(backfill: BackfillRecord, expected: number, now: number): ExpectingMessage {
  const { matchId, until } = backfill;
  const ttlSeconds = Math.ceil(Math.max(0, until - now) / 1000) + closedForSeconds;
  return { subject: backfillSubject(matchId), payload: JSON.stringify(backfill), expected, ttlSeconds };
}

/** The message that begins each batch of a partition. @param expected the sequence of the fence before */
export function fenceMessage(fence: FenceRecord, expected: number): ExpectingMessage {
  const ttlSeconds = fencedForSeconds;
  return { subject: fenceSubject(fence.partition), payload: JSON.stringify(fence), expected, ttlSeconds };
}

/** @param membership without a leader: it ends */
export function membershipMessage(
  player: string,
  membership: MembershipRecord,
  expected: number,
): ExpectingMessage {
  const ttlSeconds = membership.leader === undefined ? 1 : membershipForSeconds;
  return { subject: membershipSubject(player), payload: JSON.stringify(membership), expected, ttlSeconds };
}
