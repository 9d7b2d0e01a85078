import type { FenceRecord, MatchRecord, TicketRecord } from '@ccgame/matchmaker/store';

/** One message of the stream, as it was stored. */
export type StoredEvent = { seq: number; storedAt: number } & (
  | { kind: 'ticket'; player: string; record: TicketRecord }
  | { kind: 'match'; record: MatchRecord }
  | { kind: 'fence'; record: FenceRecord }
);

/** A join or a cancel that a player was answered. */
export interface Acknowledged {
  player: string;
  what: 'joined' | 'left';
  ticketId: string;
  /** The time that the answer said, epoch ms. */
  since?: number;
}

/** A `matched` in a player's log. */
export interface Told {
  player: string;
  matchId: string;
  isBackfill?: boolean;
  gameServer?: string;
}

/** A running match asked for a player in each of these teams; whether that was stored, nobody knows. */
export interface Asked {
  matchId: string;
  places: number[];
}

/** A running match was told that a player joins. */
export interface Notified {
  matchId: string;
  player: string;
}

/** All that happened in a run: what the stream holds, in its order, and what players were told. */
export interface History {
  events: StoredEvent[];
  acknowledged: Acknowledged[];
  told: Told[];
  asked: Asked[];
  notified: Notified[];
}

/** How many of a mode's tickets a version has matched that are another version's. */
export function movedTickets(events: StoredEvent[], mode: string, version: string): number {
  const matches = new Set<string>();
  for (const { kind, record } of events)
    if (kind === 'match' && record.version === version && record.mode === mode) matches.add(record.matchId);
  const moved = events.flatMap(({ kind, record }) => {
    const isMoved = kind === 'ticket' && record.state === 'matched' && record.version !== version;
    return isMoved && matches.has(record.matchId ?? '') ? [record.ticketId] : [];
  });
  return new Set(moved).size;
}
