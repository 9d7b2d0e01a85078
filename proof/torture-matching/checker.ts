import type { MatchRecord, TicketRecord } from '@ccgame/matchmaker/store';
import type { TicketState } from '@ccgame/matchmaker';
import type { History, StoredEvent } from './history.js';
import { teamSizeOf } from './modes.js';

export type FaultKind =
  | 'lost ticket'
  | 'ticket with two ends'
  | 'player with two open tickets'
  | 'waiting time not kept'
  | 'left waiting'
  | 'player in two matches'
  | 'match without its tickets'
  | 'matched twice'
  | 'matched never told'
  | 'told of no match'
  | 'left, but not cancelled'
  | 'lost the place without fault'
  | 'more players than asked for'
  | 'running match not told'
  | 'game server of two matches'
  | 'told of another game server'
  | 'written behind a newer fence';

export interface Fault {
  kind: FaultKind;
  what: string;
}

export interface Verdict {
  faults: Fault[];
  /** Tickets by their last state. */
  tickets: Record<string, number>;
  matches: number;
}

const ends: TicketState[] = ['matched', 'cancelled', 'declined', 'expired'];

type TicketEvent = Extract<StoredEvent, { kind: 'ticket' }>;

/**
 * Judges a history. It knows nothing of how matching works, only what it promises: an acknowledged ticket ends once or is
 * still open while it fits no other, keeps its waiting time, and is in one match at most; a matched player is told once; only the holder of a
 * partition's newest fence writes its matches; a running match gets who it asked for; a game server has one match.
 */
export function judge({ events, acknowledged, told, asked, notified }: History): Verdict {
  const tickets = byTicket(events);
  const matches = matchesOf(events);
  const faults = [
    ...acknowledgedFaults(tickets, acknowledged),
    ...[...tickets.values()].flatMap((life) => [...lifeFaults(life)]),
    ...openFaults(events),
    ...waitingFaults(tickets),
    ...matchFaults(matches, tickets),
    ...dropFaults(matches, tickets),
    ...toldFaults(matches, told),
    ...backfillFaults(matches, asked, notified),
    ...gameServerFaults(matches, told),
    ...fenceFaults(events),
  ];
  const states: Record<string, number> = {};
  for (const life of tickets.values()) {
    const state = life.at(-1)?.record.state ?? 'none';
    states[state] = (states[state] ?? 0) + 1;
  }
  return { faults, tickets: states, matches: matches.size };
}

/** The life of each ticket, as its leader's messages tell it. */
function byTicket(events: StoredEvent[]): Map<string, TicketEvent[]> {
  const tickets = new Map<string, TicketEvent[]>();
  for (const event of events) {
    if (event.kind !== 'ticket' || event.player !== event.record.players[0]) continue;
    tickets.set(event.record.ticketId, [...(tickets.get(event.record.ticketId) ?? []), event]);
  }
  return tickets;
}

/** The newest record of each match. */
function matchesOf(events: StoredEvent[]): Map<string, MatchRecord> {
  const found = events.flatMap((event) => (event.kind === 'match' ? [event.record] : []));
  return new Map(found.map((record) => [record.matchId, record]));
}

function* acknowledgedFaults(
  tickets: Map<string, TicketEvent[]>,
  acknowledged: History['acknowledged'],
): Generator<Fault> {
  for (const { player, what, ticketId, since } of acknowledged) {
    const last = tickets.get(ticketId)?.at(-1)?.record;
    if (!last) yield { kind: 'lost ticket', what: `${ticketId} of ${player}` };
    else if (since !== undefined && last.since !== since)
      yield { kind: 'waiting time not kept', what: `${ticketId} of ${player}: ${since}, then ${last.since}` };
    // A player who was proposed a match left by declining it.
    if (what === 'left' && last?.state !== 'cancelled' && last?.state !== 'declined')
      yield { kind: 'left, but not cancelled', what: `${ticketId} of ${player} is ${last?.state}` };
  }
}

function* lifeFaults(life: TicketEvent[]): Generator<Fault> {
  const [first] = life;
  const end = life.findIndex(({ record }) => ends.includes(record.state));
  const what = `${first?.record.ticketId}: ${life.map(({ record, seq }) => `${record.state} (${seq})`).join(', ')}`;
  if (end >= 0 && end < life.length - 1) yield { kind: 'ticket with two ends', what };
  if (life.some(({ record }) => record.since !== first?.record.since))
    yield { kind: 'waiting time not kept', what };
}

function* openFaults(events: StoredEvent[]): Generator<Fault> {
  const newest = new Map<string, TicketRecord>();
  for (const event of events) {
    if (event.kind !== 'ticket') continue;
    const before = newest.get(event.player);
    if (before && before.ticketId !== event.record.ticketId && !ends.includes(before.state)) {
      const what = `${event.player}: ${event.record.ticketId} over ${before.ticketId}, which was ${before.state}`;
      yield { kind: 'player with two open tickets', what };
    }
    newest.set(event.player, event.record);
  }
}

/** At the end, when all fit each other who ask for the same: open tickets that are enough for two teams were forgotten. */
function* waitingFaults(tickets: Map<string, TicketEvent[]>): Generator<Fault> {
  const open = new Map<string, TicketRecord[]>();
  for (const life of tickets.values()) {
    const last = life.at(-1)?.record;
    if (last?.state !== 'open') continue;
    const wish = `${last.mode} in ${String(last.attributes.region)}`;
    open.set(wish, [...(open.get(wish) ?? []), last]);
  }
  for (const [wish, records] of open) {
    const size = teamSizeOf(records[0]?.mode ?? '');
    const parts = records.map(({ players }) => players.length);
    const whole = parts.filter((count) => count === size).length;
    const alone = parts.filter((count) => count < size).length;
    if (whole + Math.floor(alone / size) >= 2)
      yield { kind: 'left waiting', what: `${wish}: ${records.map(({ ticketId }) => ticketId).join(', ')}` };
  }
}

function* matchFaults(
  matches: Map<string, MatchRecord>,
  tickets: Map<string, TicketEvent[]>,
): Generator<Fault> {
  const matchOfTicket = new Map<string, string>();
  for (const { matchId, backfillOf, tickets: ticketIds = [], state, teams } of matches.values()) {
    if (state !== 'formed' && state !== 'announced') continue;
    const players = new Set<string>();
    for (const ticketId of ticketIds) {
      const last = tickets.get(ticketId)?.at(-1)?.record;
      if (last?.state !== 'matched' || last.matchId !== (backfillOf ?? matchId))
        yield { kind: 'match without its tickets', what: `${matchId}: ${ticketId} is ${last?.state}` };
      const other = matchOfTicket.get(ticketId);
      if (other !== undefined)
        yield { kind: 'player in two matches', what: `${ticketId} is in ${other} and ${matchId}` };
      matchOfTicket.set(ticketId, backfillOf ?? matchId);
      for (const player of last?.players ?? []) players.add(player);
    }
    const listed = teams.flat();
    if (listed.length !== players.size || listed.some((player) => !players.has(player)))
      yield {
        kind: 'match without its tickets',
        what: `${matchId}: ${listed.join(' ')} are not its tickets' players`,
      };
  }
  for (const life of tickets.values()) {
    const last = life.at(-1)?.record;
    if (last?.state === 'matched' && matchOfTicket.get(last.ticketId) !== last.matchId)
      yield {
        kind: 'match without its tickets',
        what: `${last.ticketId} is matched, its match isn't written`,
      };
  }
}

/** The player who loses the place is to blame for it, or one of the party is. */
function* dropFaults(
  matches: Map<string, MatchRecord>,
  tickets: Map<string, TicketEvent[]>,
): Generator<Fault> {
  for (const life of tickets.values()) {
    const last = life.at(-1)?.record;
    if (last?.state !== 'declined') continue;
    const { blamed = [], accepted = [] } = matches.get(last.matchId ?? '') ?? {};
    const guilty = last.players.filter((player) => blamed.includes(player));
    if (
      guilty.length === 0 ||
      (last.reason === 'not-accepted' && guilty.every((one) => accepted.includes(one)))
    )
      yield { kind: 'lost the place without fault', what: `${last.ticketId} of ${last.players.join(' ')}` };
  }
}

/** Those who play: newcomers of a running match stand in records of their own, and are told of the match that they join. */
const isPlayed = ({ state }: MatchRecord): boolean => state === 'formed' || state === 'announced';
const toldAs = ({ matchId, backfillOf }: MatchRecord): string => backfillOf ?? matchId;

function* toldFaults(matches: Map<string, MatchRecord>, told: History['told']): Generator<Fault> {
  const wordOf = (player: string, matchId: string, isBackfill = false): string =>
    `${player} of ${matchId}${isBackfill ? ', as a newcomer' : ''}`;
  const counts = new Map<string, number>();
  for (const { player, matchId, isBackfill } of told) {
    const word = wordOf(player, matchId, isBackfill);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const due = new Map<string, number>();
  for (const record of matches.values())
    for (const player of isPlayed(record) ? record.teams.flat() : []) {
      const word = wordOf(player, toldAs(record), record.backfillOf !== undefined);
      due.set(word, (due.get(word) ?? 0) + 1);
      if (!counts.has(word)) yield { kind: 'matched never told', what: word };
    }
  for (const [what, count] of counts) {
    const times = due.get(what) ?? 0;
    if (times === 0) yield { kind: 'told of no match', what };
    else if (count > times) yield { kind: 'matched twice', what };
  }
}

function* backfillFaults(
  matches: Map<string, MatchRecord>,
  asked: History['asked'],
  notified: History['notified'],
): Generator<Fault> {
  const places = new Map<string, number>();
  for (const one of asked)
    for (const team of one.places) {
      const place = `team ${team} of ${one.matchId}`;
      places.set(place, (places.get(place) ?? 0) + 1);
    }
  const known = new Set(notified.map(({ matchId, player }) => `${player} of ${matchId}`));
  for (const { backfillOf, teams, state } of matches.values()) {
    if (backfillOf === undefined) continue;
    for (const [team, players] of teams.entries()) {
      const place = `team ${team} of ${backfillOf}`;
      const left = (places.get(place) ?? 0) - players.length;
      places.set(place, left);
      if (left < 0) yield { kind: 'more players than asked for', what: place };
    }
    const missing =
      state === 'announced' ? teams.flat().filter((player) => !known.has(`${player} of ${backfillOf}`)) : [];
    for (const player of missing)
      yield { kind: 'running match not told', what: `${player} of ${backfillOf}` };
  }
}

function* gameServerFaults(matches: Map<string, MatchRecord>, told: History['told']): Generator<Fault> {
  const matchOf = new Map<string, string>();
  const nameOf = (record: MatchRecord | undefined): string | undefined =>
    (record?.allocation as { gameServer: string } | undefined)?.gameServer;
  for (const record of matches.values()) {
    const name = nameOf(record);
    if (name === undefined || !isPlayed(record)) continue;
    const other = matchOf.get(name) ?? toldAs(record);
    if (other !== toldAs(record))
      yield { kind: 'game server of two matches', what: `${name}: ${other} and ${toldAs(record)}` };
    matchOf.set(name, other);
  }
  for (const { player, matchId, gameServer } of told)
    if (gameServer !== nameOf(matches.get(matchId)))
      yield { kind: 'told of another game server', what: `${player} of ${matchId}: ${gameServer}` };
}

/** A new holder's first fence stands alone; one with a new match behind it is a commit, which only the holder may write. */
function* fenceFaults(events: StoredEvent[]): Generator<Fault> {
  const holders = new Map<string, string>();
  const known = new Set<string>();
  for (const [index, event] of events.entries()) {
    if (event.kind === 'match') known.add(event.record.matchId);
    if (event.kind !== 'fence') continue;
    const { partition, serverId, incarnation } = event.record;
    const holder = `${serverId} ${incarnation}`;
    const before = holders.get(partition);
    if (isCommit(events, index, known) && before !== holder)
      yield {
        kind: 'written behind a newer fence',
        what: `${partition}: ${holder} at ${event.seq}, not ${before}`,
      };
    holders.set(partition, holder);
  }
}

/** The first match behind the fence is a new one, without a gap. */
function isCommit(events: StoredEvent[], fence: number, known: Set<string>): boolean {
  for (let index = fence + 1; index < events.length; index += 1) {
    const event = events[index];
    if (!event || event.kind === 'fence') return false;
    if (event.kind === 'match') return !known.has(event.record.matchId);
  }
  return false;
}
