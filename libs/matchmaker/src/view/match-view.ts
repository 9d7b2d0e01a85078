import { within } from '@ccgame/rpc/basics';
import {
  type BackfillRecord,
  type FenceRecord,
  type MatchRecord,
  matchesStream,
  type TicketRecord,
} from '../contracts/matches.js';
import { Heap, type HeapItem } from '../pool/search/heap.js';
import { isBackfill, isFence, isMatch, isTicketOf } from '../store/check-records.js';
import { closedForSeconds, fencedForSeconds, isOpen } from '../store/messages.js';
import type { Stored } from '../store/ticket-store.js';

/** Told what changed, in the order of the stream; each takes what it wants to know. */
export interface ViewListener {
  /** @param storedAt epoch ms */
  ticketChanged?(ticket: TicketRecord, storedAt: number): void;
  matchChanged?(match: Stored<MatchRecord>): void;
  fenceChanged?(fence: Stored<FenceRecord>): void;
  backfillChanged?(backfill: BackfillRecord): void;
  /** Everything is gone, as NATS lost its files. */
  forgetAll(): void;
}

/** One message of the stream: its subject's last two tokens, its body, and when it was stored, epoch ms. */
export interface ViewMessage {
  kind: string;
  key: string;
  body: () => unknown;
  seq: number;
  storedAt: number;
}

interface PlayerEntry {
  seq: number;
  /** The last that could be read: where what stands there is none, the next write takes its place. */
  ticket?: TicketRecord;
  storedAt: number;
}

interface Waiting extends HeapItem {
  seq: number;
  resolve: () => void;
}

/** Nothing is left to be done about it. */
export const isSettled = ({ state }: MatchRecord): boolean =>
  state === undefined || state === 'announced' || state === 'cancellationAnnounced';

/**
 * The state that the stream holds, as far as it was read: all open tickets, the matches whose players wait for word, what
 * running matches ask for, the fences.
 */
export class MatchView {
  /** The last sequence that was read. */
  position = 0;
  readonly openTickets = new Map<string, TicketRecord>();
  readonly matches = new Map<string, Stored<MatchRecord>>();
  readonly fences = new Map<string, Stored<FenceRecord> & { storedAt: number }>();
  /** The backfill requests of running matches, by match; those that are over until the stream forgets them. */
  readonly backfills = new Map<string, Stored<BackfillRecord>>();
  private readonly players = new Map<string, PlayerEntry>();
  /** Each message that is read looks at the first alone: a burst of joins waits for as many. */
  private readonly waiting = new Heap<Waiting>((a, b) => a.seq < b.seq);

  constructor(private readonly listeners: Set<ViewListener>) {}

  /** @throws where the message is no record of its kind: it is to be skipped */
  applyMessage({ kind, key, body, seq, storedAt }: ViewMessage): void {
    if (kind === 'ticket') this.applyTicket(key, body, seq, storedAt);
    else if (kind === 'created') this.applyMatch({ record: sound(body, isMatch), seq });
    else if (kind === 'backfill') this.applyBackfill({ record: sound(body, isBackfill), seq });
    else if (kind === 'fence') this.applyFence({ record: sound(body, isFence), seq, storedAt });
    this.skip(seq);
  }

  /** The message of that sequence was read. */
  skip(seq: number): void {
    this.position = seq;
    while (this.waiting.first && this.waiting.first.seq <= seq) this.waiting.pop()?.resolve();
  }

  forgetAll(): void {
    this.position = 0;
    const { openTickets, matches, fences, backfills, players } = this;
    for (const map of [openTickets, matches, fences, backfills, players]) map.clear();
    for (const listener of this.listeners) listener.forgetAll();
  }

  /** Resolves when the message of that sequence was read. */
  whenRead(seq: number): Promise<void> {
    if (this.position >= seq) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ seq, resolve, heapPlace: -1 }));
  }

  /** As {@link whenRead}. False: it was not read in time, as NATS is away. */
  async reachedWithin(seq: number, timeoutMs: number): Promise<boolean> {
    const reached = this.whenRead(seq).then(() => true);
    return within(
      timeoutMs,
      () => reached,
      () => false,
    );
  }

  /** Where the player's newest ticket stands; 0: nowhere, as far as known. */
  seqOf(player: string): number {
    return this.players.get(player)?.seq ?? 0;
  }

  /** When that was stored, epoch ms. */
  storedAtOf(player: string): number {
    return this.players.get(player)?.storedAt ?? 0;
  }

  ticketOf(player: string): TicketRecord | undefined {
    return this.players.get(player)?.ticket;
  }

  /** Forgets what the stream has forgotten, step by step: it doesn't tell of that. */
  *forgetOld(now: number): Generator<void, void> {
    const oldestClosed = now - closedForSeconds * 1000;
    for (const [matchId, { record }] of this.backfills)
      if (record.until + closedForSeconds * 1000 < now) this.backfills.delete(matchId);
    for (const [name, { storedAt }] of this.fences)
      if (storedAt + fencedForSeconds * 1000 < now) this.fences.delete(name);
    const oldest = now - matchesStream.max_age / 1e6;
    for (const [player, { ticket, storedAt, seq }] of this.players) {
      const isStillOpen = ticket !== undefined && isOpen(ticket);
      const isOver = storedAt < (isStillOpen ? oldest : oldestClosed);
      if (isOver && isStillOpen)
        this.changePlayer(player, { seq, ticket: { ...ticket, state: 'expired' }, storedAt });
      if (isOver) this.players.delete(player);
      yield;
    }
  }

  private applyTicket(player: string, body: () => unknown, seq: number, storedAt: number): void {
    try {
      const ticket = sound(body, (value): value is TicketRecord => isTicketOf(player, value));
      this.changePlayer(player, { seq, ticket, storedAt });
    } catch (error) {
      // The player's next ticket has to expect it all the same; their last one stays, as it does under the others of their party.
      this.players.set(player, { ...this.players.get(player), seq, storedAt });
      throw error;
    }
  }

  private changePlayer(player: string, entry: PlayerEntry & { ticket: TicketRecord }): void {
    const { ticket, storedAt } = entry;
    const before = this.players.get(player)?.ticket;
    this.players.set(player, entry);
    // A player has one open ticket. The end of the one before was not read: the stream keeps a player's newest message alone.
    if (before && before.ticketId !== ticket.ticketId && this.openTickets.has(before.ticketId))
      this.changeTicket({ ...before, state: 'expired' }, storedAt);
    // The leader's message is the last of the ticket's.
    if (player === ticket.players[0]) this.changeTicket(ticket, storedAt);
  }

  private changeTicket(ticket: TicketRecord, storedAt: number): void {
    if (isOpen(ticket)) this.openTickets.set(ticket.ticketId, ticket);
    else this.openTickets.delete(ticket.ticketId);
    for (const listener of this.listeners) listener.ticketChanged?.(ticket, storedAt);
  }

  private applyMatch(match: Stored<MatchRecord>): void {
    if (isSettled(match.record)) this.matches.delete(match.record.matchId);
    else this.matches.set(match.record.matchId, match);
    for (const listener of this.listeners) listener.matchChanged?.(match);
  }

  private applyFence(fence: Stored<FenceRecord> & { storedAt: number }): void {
    this.fences.set(fence.record.partition, fence);
    for (const listener of this.listeners) listener.fenceChanged?.(fence);
  }

  private applyBackfill(backfill: Stored<BackfillRecord>): void {
    this.backfills.set(backfill.record.matchId, backfill);
    for (const listener of this.listeners) listener.backfillChanged?.(backfill.record);
  }
}

/** @throws SyntaxError, TypeError */
function sound<T>(body: () => unknown, is: (value: unknown) => value is T): T {
  const record = body();
  if (is(record)) return record;
  throw new TypeError('It is no record of its kind');
}
