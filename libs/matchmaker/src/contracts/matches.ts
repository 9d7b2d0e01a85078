import { DiscardPolicy, type StreamConfig } from '@nats-io/jetstream';
import { checkName } from '@ccgame/rpc';

/** A player's own facts in a queue; the mode says which names and values there are. */
export type Attributes = Record<string, string | number>;

/**
 * `open` waits; `proposed` is in a match that isn't settled yet, as players have to accept or a game server is asked for;
 * the others are ends. `declined`: a player of it did not accept. `expired`: `reason` says why.
 */
export type TicketState = 'open' | 'proposed' | 'matched' | 'cancelled' | 'declined' | 'expired';

/**
 * A player alone or a party that wants to play. The whole of it stands under every one of its players, so there is one
 * open ticket a player in the whole cluster.
 */
export interface TicketRecord {
  ticketId: string;
  /** An id that the joining player gave: the same one joins once. */
  requestId?: string;
  /** The leader's joins before this one, by request id or ticket id, the last one first: one that comes late is known by them. */
  earlier?: string[];
  /** The leader first. */
  players: string[];
  mode: string;
  /** The version that it was opened with: that of the leader's session, or the one that the message named. */
  version: string;
  /** A message named the version: the ticket stays there, wherever its leader's session goes on. */
  isNamed?: true;
  /** The version in whose queue it waits since its leader's session went on there. */
  movedTo?: string;
  /** The mode's group of versions when it was opened. */
  versionGroup?: string;
  /** Its players came through a connector: a player who stays away too long loses the ticket. */
  hasSessions?: true;
  /** Complete, with the mode's defaults. */
  attributes: Attributes;
  /** For each of `players` the roles that the player could play. */
  roles?: string[][];
  /** By region, the worst of the players, ms. */
  latencyMs?: Record<string, number>;
  /** Epoch milliseconds; kept whatever happens to the servers. */
  since: number;
  state: TicketState;
  /** Matches that didn't come about as there was no game server. */
  unserved?: number;
  /** The player who wanted to leave while its match waited for a game server: the ticket leaves where the match gets none. */
  leaving?: string;
  /** The match of a ticket that is proposed or matched. */
  matchId?: string;
  /** Why it was closed, in a word, such as `disconnected`. */
  reason?: string;
}

/**
 * `proposed` waits for everybody to accept, `allocating` for a game server; `formed` stands, `announced`: its players know.
 * `cancelled` did not come about, `cancellationAnnounced`: its players know that.
 */
export type MatchState =
  'proposed' | 'allocating' | 'formed' | 'announced' | 'cancelled' | 'cancellationAnnounced';

/** Why a match did not come about. */
export type CancelReason = 'declined' | 'not-accepted' | 'no-game-server';

/** A match that matching formed: written before the players are told. */
export interface MatchRecord {
  matchId: string;
  mode: string;
  version: string;
  /** Player ids by team. */
  teams: string[][];
  /** Epoch milliseconds. */
  createdAt: number;
  state?: MatchState;
  /** The partition whose owner formed it and, when that one dies, tells the players. */
  partition?: string;
  /** Ids of the tickets. */
  tickets?: string[];
  /** In a mode with roles, who plays which, by player. */
  roles?: Record<string, string>;
  /** In a mode with latency limits, where it is to run. */
  region?: string;
  /** The hard keys that its tickets share: a backfilled player has them too. */
  hardKeys?: Attributes;
  /** The mode's group of versions when it was formed: a backfilled player is of it too. */
  versionGroup?: string;
  /** For a match with a ready-check: the players that have accepted, and until when (epoch ms) the others may. */
  accepted?: string[];
  acceptUntil?: number;
  /** For an `allocating` match: until when a game server is asked for, epoch ms. */
  allocateUntil?: number;
  /** For a cancelled match: why, whose fault it was, and all who lost their places as their parties did. */
  reason?: CancelReason;
  blamed?: string[];
  dropped?: string[];
  /** For players who join a running match: its id, and who is told there. `teams` names the newcomers only. */
  backfillOf?: string;
  notify?: { serverId: string; handler: string };
  /** The allocator's answer: where the match is played. */
  allocation?: unknown;
}

/** A running match that asks for players. */
export interface BackfillRecord {
  /** The running match. */
  matchId: string;
  mode: string;
  version: string;
  /** The mode's group of versions when the match was formed. */
  versionGroup?: string;
  hardKeys: Attributes;
  /** The mean of those who play. */
  skill: number;
  /** Epoch milliseconds. */
  since: number;
  until: number;
  /** The team of each place that is still free, as an index into the match's teams. */
  places: number[];
  /** Roles that a team lacks. */
  lacks?: { team: number; role: string }[];
  region?: string;
  state: 'open' | 'filled' | 'cancelled';
  /** The last who came, by team: a match that runs for days has thousands. */
  joined: string[][];
  /** The call that wrote it last: the same one doesn't write it again where its ack was lost. */
  requestId?: string;
  /** The server and handler that are told who comes. */
  notify?: { serverId: string; handler: string };
  /** Where the match runs. */
  allocation?: unknown;
}

/** The owner of a partition. The record's sequence in the stream is the fence. */
export interface FenceRecord {
  partition: string;
  serverId: string;
  /** Parts two lives of a server. */
  incarnation: string;
}

/** The party that a player is in: its leader's joins may name the player. */
export interface MembershipRecord {
  /** Left out: in nobody's any more. */
  leader?: string;
}

/** The id of a push of the framework's own. A game's begin otherwise, as a push under the same id would not be stored. */
export const ownPushId = (name: string): string => `ccgame:${name}`;

/** Each subject's part before the name. */
const ticketPrefix = 'matches.ticket.';
const membershipPrefix = 'matches.party.';
const createdPrefix = 'matches.created.';
const fencePrefix = 'matches.fence.';
const backfillPrefix = 'matches.backfill.';
const playedPrefix = 'matches.played.';

/** @throws RpcError INVALID, as those below */
export const ticketSubject = (playerId: string): string => ticketPrefix + checkName('playerId', playerId);
/** Nobody's ticket: written to see that the stream takes messages. `$` is in no player's id. */
export const probeSubject = `${ticketPrefix}$probe`;
/** The subject of a player's membership in a party. @throws RpcError INVALID */
export const membershipSubject = (playerId: string): string =>
  membershipPrefix + checkName('playerId', playerId);
/** The subject of a match from its proposal on. */
export const matchCreatedSubject = (matchId: string): string => createdPrefix + checkName('matchId', matchId);
/** See `partitionOf` of apps/matching. */
export const fenceSubject = (partition: string): string => fencePrefix + checkName('partition', partition);
/** The subject of a match's backfill. */
export const backfillSubject = (matchId: string): string => backfillPrefix + checkName('matchId', matchId);
/** @param part the match's own id, or of players who join it later that of their own record; `*`: each of them */
export const playedSubject = (matchId: string, part: string): string =>
  `${playedPrefix}${checkName('matchId', matchId)}.${part === '*' ? part : checkName('matchId', part)}`;
/** No match's, as {@link probeSubject} is nobody's ticket. */
export const playedProbeSubject = `${playedPrefix}$probe.$probe`;

const days = (count: number): number => count * 24 * 3600 * 1e9;
const mebibyte = 2 ** 20;

/**
 * Everything durable of matching in one total order: tickets by player, matches, what running matches ask for, and who owns
 * which partition. Only the newest message of a subject counts, and each is written by compare-and-set. Times in nanoseconds.
 */
export const matchesStream = {
  name: 'MATCHES',
  subjects: [
    `${ticketPrefix}*`,
    `${createdPrefix}*`,
    `${fencePrefix}*`,
    `${backfillPrefix}*`,
    `${membershipPrefix}*`,
  ],
  max_age: days(7),
  max_bytes: 512 * mebibyte,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  allow_direct: true,
  allow_msg_ttl: true,
  allow_atomic: true,
} satisfies Partial<StreamConfig>;

/**
 * The matches that are played, for as long as results of them may come: what is settled leaves {@link matchesStream}, which
 * every matching server reads from its start, and stays here, where nobody reads more than one match. Players who join a
 * running match are a message of their own. Each is written once.
 */
export const playedMatchesStream = {
  name: 'MATCHES_PLAYED',
  subjects: [`${playedPrefix}*.*`],
  max_age: days(2),
  max_bytes: 512 * mebibyte,
  discard: DiscardPolicy.Old,
  max_msgs_per_subject: 1,
  allow_direct: true,
} satisfies Partial<StreamConfig>;
