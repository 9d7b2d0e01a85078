import type { MatchRecord, TicketRecord, TicketState } from '#contracts';
import type { History, StoredEvent } from './history.js';

export type FaultKind =
  | 'lost ticket'
  | 'ticket with two ends'
  | 'player with two open tickets'
  | 'waiting time not kept'
  | 'player in two matches'
  | 'match without its tickets'
  | 'matched twice'
  | 'matched never told'
  | 'told of no match'
  | 'left, but not cancelled'
  | 'lost the place without fault'
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
 * still open, keeps its waiting time, and is in one match at most; who was matched is told once; only the holder of a
 * partition's newest fence writes its matches.
 */
export function judge({ events, acknowledged, told }: History): Verdict {
  const tickets = byTicket(events);
  const matches = matchesOf(events);
  const faults = [
    ...acknowledgedFaults(tickets, acknowledged),
    ...[...tickets.values()].flatMap((life) => [...lifeFaults(life)]),
    ...openFaults(events),
    ...matchFaults(matches, tickets),
    ...dropFaults(matches, tickets),
    ...toldFaults(matches, told),
    ...fenceFaults(events),
  ];
  const states: Record<string, number> = {};
  for (const life of tickets.values()) {
    const state = life.at(-1)?.record.state ?? 'none';
    states[state] = (states[state] ?? 0) + 1;
  }
  return { faults, tickets: states, matches: matches.size };
}

/** What each ticket went through, as its leader's messages tell. */
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
    // Who was proposed a match left by declining it.
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

function* matchFaults(
  matches: Map<string, MatchRecord>,
  tickets: Map<string, TicketEvent[]>,
): Generator<Fault> {
  const matchOfTicket = new Map<string, string>();
  for (const { matchId, joins, tickets: ticketIds = [], state, teams } of matches.values()) {
    if (state !== 'formed' && state !== 'told') continue;
    const players = new Set<string>();
    for (const ticketId of ticketIds) {
      const last = tickets.get(ticketId)?.at(-1)?.record;
      if (last?.state !== 'matched' || last.matchId !== (joins ?? matchId))
        yield { kind: 'match without its tickets', what: `${matchId}: ${ticketId} is ${last?.state}` };
      const other = matchOfTicket.get(ticketId);
      if (other !== undefined)
        yield { kind: 'player in two matches', what: `${ticketId} is in ${other} and ${matchId}` };
      matchOfTicket.set(ticketId, joins ?? matchId);
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

/** Who loses the place is to blame for it, or one of his party is. */
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

function* toldFaults(matches: Map<string, MatchRecord>, told: History['told']): Generator<Fault> {
  const counts = new Map<string, number>();
  for (const { player, matchId } of told) {
    const record = matches.get(matchId);
    if (!record?.teams.flat().includes(player))
      yield { kind: 'told of no match', what: `${player} of ${matchId}` };
    counts.set(`${player} ${matchId}`, (counts.get(`${player} ${matchId}`) ?? 0) + 1);
  }
  for (const [what, count] of counts) if (count > 1) yield { kind: 'matched twice', what };
  for (const { matchId, teams, state } of matches.values()) {
    if (state !== 'formed' && state !== 'told') continue;
    const missing = teams.flat().filter((player) => !counts.has(`${player} ${matchId}`));
    for (const player of missing) yield { kind: 'matched never told', what: `${player} of ${matchId}` };
  }
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
