import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GameErrors, type JoinMatchingDto, type TicketOpenedPush, type TicketRecord } from '#contracts';
import { RpcError } from '#rpc';
import { isPlayerId, PushService } from '#sessions';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { completeAttributes } from '../pool/attributes.js';
import { checkJoin } from '../pool/check-join.js';
import { isOpen, ticketMessages } from '../store/messages.js';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { type Attempt, untilStored } from './until-stored.js';

/** Opens tickets. Any server of the version does, whoever owns the partition; the ticket is stored when it resolves. */
@Injectable()
export class Joining {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly catalogue: ModeCatalogue,
    private readonly push: PushService,
  ) {}

  /**
   * @returns the new ticket, or the one that the player has in this mode, or had by this request id
   * @throws RpcError UNKNOWN_MODE, INVALID, ALREADY_QUEUED, TIMEOUT
   */
  async join(player: string, version: string, request: JoinMatchingDto): Promise<TicketRecord> {
    const wanted = this.ticketOf(player, version, request);
    const ticket = await untilStored(this.store, (isFirst) => this.attempt(wanted, isFirst));
    if (ticket === wanted && wanted.players.length > 1) await this.tellParty(wanted);
    return ticket;
  }

  private ticketOf(player: string, version: string, request: JoinMatchingDto): TicketRecord {
    const mode = this.catalogue.get(request.mode);
    const { attributes, roles, latencyMs, party, requestId } = request;
    const players = [player, ...(party ?? [])];
    const problems = checkJoin(mode, {
      players,
      attributes: attributes ?? {},
      roles: roles ?? undefined,
      latencyMs: latencyMs ?? undefined,
    });
    if (problems.length > 0) throw new RpcError('INVALID', { details: { problems } });
    const stranger = players.find((one) => !isPlayerId(one));
    if (stranger !== undefined)
      throw new RpcError('INVALID', {
        details: { problems: [{ field: 'party', problem: 'not a player id' }] },
      });
    return {
      ticketId: randomUUID(),
      ...(requestId && { requestId }),
      players,
      mode: mode.name,
      version,
      attributes: completeAttributes(mode, attributes ?? {}),
      ...(roles && { roles }),
      ...(latencyMs && { latencyMs }),
      since: Date.now(),
      state: 'open',
    };
  }

  /** The view may be a moment old: whatever it says against a new ticket is asked of the stream. */
  private async attempt(wanted: TicketRecord, isFirst: boolean): Promise<Attempt<TicketRecord>> {
    const { view } = this.feed;
    const isFree = wanted.players.every((player) => {
      const known = view.ticketOf(player);
      return !known || (!isOpen(known) && known.requestId === undefined);
    });
    if (isFirst && isFree) return { write: ticketMessages(wanted, (one) => view.seqOf(one)), then: wanted };
    const stored = await this.store.ticketsOf(wanted.players);
    const done = standing(wanted, stored);
    if (done) return { done };
    return { write: ticketMessages(wanted, (one) => stored.get(one)?.seq ?? 0), then: wanted };
  }

  private async tellParty({ ticketId, mode, players }: TicketRecord): Promise<void> {
    const opened: TicketOpenedPush = { ticketId, mode, players };
    await this.push.toPlayers(players.slice(1), 'ticket.opened', opened, { id: `opened-${ticketId}` });
  }
}

/** What stands there already instead of the wanted ticket. @throws RpcError ALREADY_QUEUED */
function standing(wanted: TicketRecord, stored: Map<string, Stored<TicketRecord>>): TicketRecord | undefined {
  const own = stored.get(wanted.players[0] ?? '')?.record;
  // Written by a try whose ack was lost; it may even be matched by now.
  if (own?.ticketId === wanted.ticketId) return own;
  const isSameRequest = own?.requestId !== undefined && own.requestId === wanted.requestId;
  if (isSameRequest && own.players[0] === wanted.players[0]) return own;
  const queued = [...stored.values()].map(({ record }) => record).filter(isOpen);
  if (queued.length === 0) return undefined;
  const isSame = own && isOpen(own) && own.mode === wanted.mode && samePlayers(own, wanted);
  if (isSame) return own;
  const players = wanted.players.filter((player) => queued.some((one) => one.players.includes(player)));
  throw GameErrors.ALREADY_QUEUED({
    details: own && isOpen(own) ? { players, ticketId: own.ticketId, mode: own.mode } : { players },
  });
}

function samePlayers(one: TicketRecord, other: TicketRecord): boolean {
  return [...one.players].sort().join() === [...other.players].sort().join();
}
