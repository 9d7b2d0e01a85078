import { Injectable } from '@nestjs/common';
import type { JoinMatchingDto } from '../contracts/matching.js';
import type { OpenTicketDto } from '../contracts/party.js';
import type { TicketOpenedPush } from '../contracts/matching-pushes.js';
import { ownPushId, type TicketRecord } from '../contracts/matches.js';
import { codeLabel, codeOf } from '@ccgame/rpc';
import { PushService } from '@ccgame/sessions';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { metrics } from '../metrics.js';
import { isOpen, membershipMessage, ticketMessages } from '../store/messages.js';
import { type Memberships, type Tickets, TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { refuseStrangers, strangersIn } from './parties.js';
import { readSurely } from './read-surely.js';
import { afterEarlier, isQueuedBefore, ownStanding, refuseQueued, wasAnswered } from './standing-ticket.js';
import { type WriteAttempt, untilStored } from './until-stored.js';
import { WantedTickets } from './wanted-ticket.js';

/** Opens tickets. Any server of the version does, whoever owns the partition; the ticket is stored when it resolves. */
@Injectable()
export class TicketJoiner {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly catalogue: ModeCatalogue,
    private readonly wanted: WantedTickets,
    private readonly push: PushService,
  ) {}

  /**
   * For a player, with those who have joined the player's party.
   *
   * @returns the new ticket, or the one that the player has in this mode, or had by this request id in the last minutes
   * @throws RpcError UNKNOWN_MODE, INVALID, BANNED, NOT_IN_PARTY, ALREADY_QUEUED, TIMEOUT
   */
  joinQueue(player: string, version: string, request: JoinMatchingDto): Promise<TicketRecord> {
    return this.counted(request.mode, async () => {
      const wanted = await this.wanted.ofPlayer(player, version, request);
      const isParty = wanted.players.length > 1;
      const ticket = await untilStored(this.store, (isFirst) =>
        isParty ? this.attemptParty(wanted) : this.attemptJoin(wanted, isFirst),
      );
      if (isParty) await this.tell(ticket, ticket.players.slice(1));
      return ticket;
    });
  }

  /** For a server of the game, which answers for what it says and for the players' consent. @throws as {@link joinQueue} */
  open(version: string, request: OpenTicketDto): Promise<TicketRecord> {
    return this.counted(request.mode, async () => {
      const wanted = this.wanted.ofServer(version, request);
      const ticket = await untilStored(this.store, (isFirst) => this.attemptJoin(wanted, isFirst));
      await this.tell(ticket, ticket.players);
      return ticket;
    });
  }

  private async counted(modeName: string, open: () => Promise<TicketRecord>): Promise<TicketRecord> {
    const mode = this.catalogue.get(modeName).name;
    try {
      const ticket = await open();
      metrics.joins.inc({ mode, result: 'ok' });
      return ticket;
    } catch (error) {
      metrics.joins.inc({ mode, result: codeLabel(codeOf(error)) });
      throw error;
    }
  }

  /** The view may be a moment old: whatever it says against a new ticket is asked of the stream. */
  private async attemptJoin(wanted: TicketRecord, isFirst: boolean): Promise<WriteAttempt<TicketRecord>> {
    const { view } = this.feed;
    const [leader = ''] = wanted.players;
    const isFree = wanted.players.every((player) => {
      const known = view.ticketOf(player);
      return !known || (!isOpen(known) && !wasAnswered(known, wanted));
    });
    if (isFirst && isFree) {
      const ticket = afterEarlier(view.ticketOf(leader), wanted);
      return { write: ticketMessages(ticket, (one) => view.seqOf(one)), then: ticket };
    }
    const stored = await this.readTickets(wanted);
    const done = ownStanding(wanted, stored);
    if (done) return { done };
    refuseQueued(wanted, stored);
    return openOver(wanted, stored);
  }

  /** A player who has just left the queue is not in it, though a replica shows the ticket open. */
  private readTickets(wanted: TicketRecord): Promise<Tickets> {
    const isReason = (stored: Tickets): boolean => isQueuedBefore(wanted, stored);
    return readSurely(this.store, () => this.store.ticketsOf(wanted.players), isReason);
  }

  /** A player who has just joined the party is in it. */
  private readMemberships(wanted: TicketRecord): Promise<Memberships> {
    const isReason = (found: Memberships): boolean => strangersIn(wanted, found).length > 0;
    return readSurely(this.store, () => this.store.membershipsOf(wanted.players.slice(1)), isReason);
  }

  /** The memberships are written anew with the ticket, so none that ends meanwhile is used. */
  private async attemptParty(wanted: TicketRecord): Promise<WriteAttempt<TicketRecord>> {
    const [stored, memberships] = await Promise.all([this.readTickets(wanted), this.readMemberships(wanted)]);
    const done = ownStanding(wanted, stored);
    if (done) return { done };
    refuseStrangers(wanted, memberships);
    refuseQueued(wanted, stored);
    return openOver(wanted, stored, memberships);
  }

  /**
   * Also by a join that finds its ticket there: the one before may have stored it and told nobody. The push log takes a push of one
   * id once in 60 s.
   */
  private async tell({ ticketId, mode, players, state }: TicketRecord, to: string[]): Promise<void> {
    if (state !== 'open') return;
    const opened: TicketOpenedPush = { ticketId, mode, players };
    await this.push.toPlayers(to, 'ticket.opened', opened, { id: ownPushId(`opened-${ticketId}`) });
  }
}

function openOver(
  wanted: TicketRecord,
  stored: Tickets,
  memberships?: Memberships,
): WriteAttempt<TicketRecord> {
  const [leader = ''] = wanted.players;
  const ticket = afterEarlier(stored.get(leader)?.record, wanted);
  const renewed = [...(memberships ?? [])].map(([player, { seq }]) =>
    membershipMessage(player, { leader }, seq),
  );
  const messages = ticketMessages(ticket, (one) => stored.get(one)?.seq ?? 0);
  return { write: [...renewed, ...messages], then: ticket };
}
