import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TicketRecord } from '../contracts/matches.js';
import { NotRead } from '@ccgame/jetstream';
import { PlayerWhereabouts, type Whereabouts } from '@ccgame/sessions';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { MatchAnnouncer } from '../matches/match-announcer.js';
import { metrics } from '../metrics.js';
import { completeAttributes } from '../pool/rules/attributes.js';
import { defaultDisconnectGraceMs, fitsTeam, type Mode } from '../pool/rules/mode.js';
import { hasPlacesFor } from '../pool/rules/roles.js';
import { TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { PartitionPools } from '../view/partition-pools.js';
import { BannedPlayers } from './banned-players.js';
import { HeldTickets } from './held-tickets.js';
import { OwnTickets } from './own-tickets.js';
import { replaceTicket } from './replace-ticket.js';
import { TicketMoves } from './ticket-moves.js';
import { untilStored } from './until-stored.js';

const sweepMs = 2_000;
/** Tickets looked at before others have their turn. */
const sliceSize = 500;
/** An operator who deletes a mode by mistake, or changes it so that those who wait have no place, has so long to put it back. */
const modeGraceMs = 30_000;

interface Departure {
  ticket: TicketRecord;
  reason: 'disconnected' | 'expired' | 'mode-gone' | 'version-gone';
  by?: string;
}

/**
 * Closes tickets that should not wait any more: whose players stay away, that nobody fits, whose mode is gone or plays with
 * other versions now. Lets those go whose leaders went on in another version, and frees those of a match that is over. Each server
 * does it for the partitions that it owns.
 */
@Injectable()
export class TicketSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('matching');
  private timer?: NodeJS.Timeout;
  private isSweeping = false;
  /** Since when players are away, as far as this server knows. */
  private awaySince = new Map<string, number>();
  /** Since when no match has a place for some tickets, by {@link whyPlaceless}. */
  private placelessSince = new Map<string, number>();

  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly pools: PartitionPools,
    private readonly own: OwnTickets,
    private readonly catalogue: ModeCatalogue,
    private readonly whereabouts: PlayerWhereabouts,
    private readonly moves: TicketMoves,
    private readonly banned: BannedPlayers,
    private readonly held: HeldTickets,
    private readonly announcer: MatchAnnouncer,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepTickets(), sweepMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweepTickets(): Promise<void> {
    if (this.isSweeping || !this.feed.isCaughtUp || !this.catalogue.isCaughtUp) return;
    this.isSweeping = true;
    const before = this.awaySince;
    const found = new Map<string, number>();
    const placeless = new Map<string, number>();
    try {
      for (const slice of slices(this.feed.view.openTickets.values())) {
        await this.banned.removeFrom(slice);
        const mine = slice.filter((ticket) => this.own.isOwnTicket(ticket));
        await this.held.freeForgotten(mine.filter(({ state }) => state === 'proposed'));
        const own = mine.filter(({ state }) => state === 'open');
        const players = await this.lookForPlayers(own);
        const away = this.awayOf(players, before);
        for (const [player, since] of [...unread(own, players, before), ...away]) found.set(player, since);
        for (const departure of this.findDeparted(own, away, players, placeless))
          await this.closeOrTell(departure);
        await this.moves.followLeader(own, players);
        await nextTurn();
      }
      this.awaySince = found;
      this.placelessSince = placeless;
    } catch (error) {
      // Nobody's absence begins anew because of it.
      this.awaySince = new Map([...before, ...found]);
      this.placelessSince = new Map([...this.placelessSince, ...placeless]);
      this.log.warn({ event: 'tickets.not-swept', err: error });
    } finally {
      this.isSweeping = false;
    }
  }

  /** Those who came through connectors. Nobody while that can't be read. */
  private async lookForPlayers(tickets: TicketRecord[]): Promise<Map<string, Whereabouts>> {
    const players = tickets.flatMap(({ hasSessions, players: all }) => (hasSessions ? all : []));
    if (players.length === 0) return new Map();
    return this.whereabouts.whereabouts(players).catch((error: unknown): Map<string, Whereabouts> => {
      if (error instanceof NotRead) return new Map();
      throw error;
    });
  }

  /** Since when each of those who are away is it. */
  private awayOf(players: Map<string, Whereabouts>, before: Map<string, number>): Map<string, number> {
    const now = this.store.clock.now();
    const away = new Map<string, number>();
    for (const [player, { isAway, since }] of players)
      if (isAway) away.set(player, since ?? before.get(player) ?? now);
    return away;
  }

  private *findDeparted(
    tickets: TicketRecord[],
    away: Map<string, number>,
    players: Map<string, Whereabouts>,
    placeless: Map<string, number>,
  ): Generator<Departure> {
    const now = this.store.clock.now();
    for (const ticket of tickets) {
      const mode = this.catalogue.find(ticket.mode);
      const why = whyPlaceless(ticket, mode);
      if (!mode || why !== undefined) {
        const cause = why ?? ticket.mode;
        const since = placeless.get(cause) ?? this.placelessSince.get(cause) ?? now;
        placeless.set(cause, since);
        if (now - since > modeGraceMs) yield { ticket, reason: 'mode-gone' };
        continue;
      }
      const { ticketExpiryMs = Infinity, disconnectGraceMs = defaultDisconnectGraceMs } = mode;
      const by = ticket.players.find((player) => now - (away.get(player) ?? now) > disconnectGraceMs);
      if (by !== undefined) yield { ticket, reason: 'disconnected', by };
      else if (now - ticket.since > ticketExpiryMs) yield { ticket, reason: 'expired' };
      else if (!this.pools.takesTicket(ticket, mode) || this.moves.isLeftBehind(ticket, players))
        yield { ticket, reason: 'version-gone' };
    }
  }

  /** One that fails is looked at again by the next sweep, and the others leave now. */
  private async closeOrTell(departure: Departure): Promise<void> {
    const { ticketId, mode } = departure.ticket;
    await this.closeTicket(departure).catch((error: unknown) =>
      this.log.warn({ event: 'ticket.not-closed', ticketId, mode, reason: departure.reason, err: error }),
    );
  }

  private async closeTicket({ ticket, reason, by }: Departure): Promise<void> {
    const { ticketId, mode, players } = ticket;
    const isClosed = await untilStored(this.store, async (isFirst) => {
      // A ticket that changes meanwhile is looked at again by the next sweep.
      if (!isFirst) return { done: false };
      return replaceTicket(this.store, ticket, { state: 'expired', reason }, true);
    });
    if (!isClosed) return;
    metrics.closed.inc({ mode, reason });
    this.log.log({
      event: 'ticket.closed',
      ticketId,
      mode,
      reason,
      waitedMs: this.store.clock.now() - ticket.since,
    });
    await this.announcer.announceClosedTicket(
      { ticketId, mode, reason, ...(by !== undefined && { by }) },
      players,
    );
  }
}

/**
 * Why no match will ever have a place for a ticket: its mode is gone, or has become another one since. `squad/3`: no team can have a party of three;
 * `squad/region`: it has a hard key without a default, which the ticket lacks, and those who come now have it; `squad/`: its teams keep their places for roles.
 * Undefined: there may be one.
 */
function whyPlaceless(ticket: TicketRecord, mode: Mode | undefined): string | undefined {
  const { mode: name, players, attributes } = ticket;
  if (!mode) return name;
  // A running match takes whoever has a place, and leaves the others free.
  const isFitting = mode.backfill ? players.length <= mode.teamSize : fitsTeam(mode, players.length);
  if (!isFitting) return `${name}/${players.length}`;
  const known = completeAttributes(mode, attributes);
  const lacking = mode.hardKeys.find((key) => known[key] === undefined);
  if (lacking !== undefined) return `${name}/${lacking}`;
  return hasPlacesFor(mode, ticket) ? undefined : `${name}/`;
}

/** Since when those are away of whom this sweep could not read it. */
function unread(
  tickets: TicketRecord[],
  players: Map<string, Whereabouts>,
  before: Map<string, number>,
): [string, number][] {
  const others = tickets.flatMap((ticket) => ticket.players).filter((player) => !players.has(player));
  return others.flatMap((player): [string, number][] => {
    const since = before.get(player);
    return since === undefined ? [] : [[player, since]];
  });
}

function* slices(tickets: Iterable<TicketRecord>): Generator<TicketRecord[]> {
  let slice: TicketRecord[] = [];
  for (const ticket of tickets) {
    if (slice.push(ticket) < sliceSize) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
