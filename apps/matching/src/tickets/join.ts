import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GameErrors, type JoinMatchingDto, type TicketOpenedPush, type TicketRecord } from '#contracts';
import { RpcError, rpcContext } from '#rpc';
import { isPlayerId, PushService } from '#sessions';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { metrics } from '../metrics.js';
import { completeAttributes } from '../pool/attributes.js';
import { checkJoin } from '../pool/check-join.js';
import type { Mode } from '../pool/mode.js';
import { isOpen, ticketMessages } from '../store/messages.js';
import { type Tickets, TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { type Attempt, untilStored } from './until-stored.js';

/** Nobody joins more often in the time that a join can be late: a server may be paused with it. */
const mostEarlier = 8;

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
   * @returns the new ticket, or the one that the player has in this mode, or had by this request id in the last minutes
   * @throws RpcError UNKNOWN_MODE, INVALID, ALREADY_QUEUED, TIMEOUT
   */
  async join(player: string, version: string, request: JoinMatchingDto): Promise<TicketRecord> {
    const mode = this.catalogue.get(request.mode);
    try {
      const wanted = this.ticketOf(player, version, mode, request);
      const ticket = await untilStored(this.store, (isFirst) => this.attempt(wanted, isFirst));
      if (ticket.ticketId === wanted.ticketId && wanted.players.length > 1) await this.tellParty(wanted);
      metrics.joins.inc({ mode: mode.name, result: 'ok' });
      return ticket;
    } catch (error) {
      metrics.joins.inc({ mode: mode.name, result: error instanceof RpcError ? error.code : 'INTERNAL' });
      throw error;
    }
  }

  private ticketOf(player: string, version: string, mode: Mode, request: JoinMatchingDto): TicketRecord {
    const { attributes, roles, latencyMs, party } = request;
    const { session, request: message, pinned } = rpcContext.get().attributes;
    // A message that is sent again after a break has its first try's id.
    const requestId = request.requestId ?? (session && message && `${session}.${message}`);
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
      ...(pinned !== undefined && { isNamed: true }),
      ...(mode.versionGroup !== undefined && { versionGroup: mode.versionGroup }),
      ...(session !== undefined && { hasSessions: true }),
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
    const [leader = ''] = wanted.players;
    const isFree = wanted.players.every((player) => {
      const known = view.ticketOf(player);
      return !known || (!isOpen(known) && !wasAnswered(known, wanted));
    });
    if (isFirst && isFree) {
      const ticket = after(view.ticketOf(leader), wanted);
      return { write: ticketMessages(ticket, (one) => view.seqOf(one)), then: ticket };
    }
    const stored = await this.store.ticketsOf(wanted.players);
    const done = standing(wanted, stored);
    if (done) return { done };
    const ticket = after(stored.get(leader)?.record, wanted);
    return { write: ticketMessages(ticket, (one) => stored.get(one)?.seq ?? 0), then: ticket };
  }

  private async tellParty({ ticketId, mode, players }: TicketRecord): Promise<void> {
    const opened: TicketOpenedPush = { ticketId, mode, players };
    await this.push.toPlayers(players.slice(1), 'ticket.opened', opened, { id: `opened-${ticketId}` });
  }
}

/** What stands there already instead of the wanted ticket. @throws RpcError ALREADY_QUEUED */
function standing(wanted: TicketRecord, stored: Tickets): TicketRecord | undefined {
  const own = stored.get(wanted.players[0] ?? '')?.record;
  if (own && wasAnswered(own, wanted)) return own;
  const queued = [...stored.values()].flatMap(({ record }) => record ?? []).filter(isOpen);
  if (queued.length === 0) return undefined;
  const isSame = own && isOpen(own) && own.mode === wanted.mode && samePlayers(own, wanted);
  if (isSame) return own;
  const players = wanted.players.filter((player) => queued.some((one) => one.players.includes(player)));
  throw GameErrors.ALREADY_QUEUED({
    details: own && isOpen(own) ? { players, ticketId: own.ticketId, mode: own.mode } : { players },
  });
}

/** What parts a player's joins: the same one, tried or sent again, has the same. */
const joinId = ({ requestId, ticketId }: TicketRecord): string => requestId ?? ticketId;

/**
 * Whether a player's newest ticket shows that this join was done already: by a try whose ack was lost, or by another server
 * while this one was paused. Its ticket may be matched by now, and the player may have joined again since.
 */
function wasAnswered(newest: TicketRecord, wanted: TicketRecord): boolean {
  if (newest.players[0] !== wanted.players[0]) return false;
  const id = joinId(wanted);
  return (
    newest.ticketId === wanted.ticketId || joinId(newest) === id || newest.earlier?.includes(id) === true
  );
}

/** The wanted ticket, in which its leader's last joins stand. */
function after(previous: TicketRecord | undefined, wanted: TicketRecord): TicketRecord {
  if (previous?.players[0] !== wanted.players[0]) return wanted;
  return { ...wanted, earlier: [joinId(previous), ...(previous.earlier ?? [])].slice(0, mostEarlier) };
}

function samePlayers(one: TicketRecord, other: TicketRecord): boolean {
  return [...one.players].sort().join() === [...other.players].sort().join();
}
