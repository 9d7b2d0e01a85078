import { Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { type PartyMembership } from '../contracts/party.js';
import { type TicketRecord } from '../contracts/matches.js';
import { checkName, invalid } from '@ccgame/rpc';
import { isOpen, membershipForSeconds, membershipMessage } from '../store/messages.js';
import { type Memberships, TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { newestTicket } from './newest-ticket.js';
import { TicketCanceller } from './ticket-canceller.js';
import { type WriteAttempt, untilStored } from './until-stored.js';

/** Keeps parties. Nobody is queued by another player without having joined that one's party. */
@Injectable()
export class Parties {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly canceller: TicketCanceller,
  ) {}

  /** A player is in one party at a time: that of the last leader named. @throws RpcError INVALID, TIMEOUT */
  join(player: string, leader: string): Promise<PartyMembership> {
    checkName('playerId', leader, 'leader');
    if (leader === player)
      throw invalid([{ field: 'leader', rule: 'expected another player: each leads a party of their own' }]);
    return untilStored(this.store, async (): Promise<WriteAttempt<PartyMembership>> => {
      const before = (await this.store.membershipsOf([player])).get(player);
      const write = [membershipMessage(player, { leader }, before?.seq ?? 0)];
      return { write, then: { leader, forMs: membershipForSeconds * 1_000 } };
    });
  }

  /** From then on no join of the leader names the player; the ticket by which one has is closed. @throws RpcError TIMEOUT */
  async leave(player: string): Promise<void> {
    await untilStored(this.store, async (): Promise<WriteAttempt<undefined>> => {
      const before = (await this.store.membershipsOf([player])).get(player);
      // Also where none was found: the write is refused where a replica of NATS didn't have it yet.
      return { write: [membershipMessage(player, {}, before?.seq ?? 0)], then: undefined };
    });
    const ticket = (await newestTicket(this.store, this.feed.view, player))?.record;
    if (ticket && isOpen(ticket) && ticket.players[0] !== player) await this.canceller.cancelTicket(player);
  }
}

/** The ticket's players who are not in its leader's party. */
export function strangersIn({ players }: TicketRecord, memberships: Memberships): string[] {
  const [leader, ...others] = players;
  return others.filter((player) => memberships.get(player)?.record?.leader !== leader);
}

/** @throws RpcError NOT_IN_PARTY when one of the ticket's players is not in its leader's party */
export function refuseStrangers(ticket: TicketRecord, memberships: Memberships): void {
  const strangers = strangersIn(ticket, memberships);
  if (strangers.length > 0) throw GameErrors.NOT_IN_PARTY({ details: { players: strangers } });
}
