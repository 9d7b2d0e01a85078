import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { MatchCancelledPush, MatchProposedPush } from '../contracts/ready-check.js';
import type { MatchedPush, TicketClosedPush } from '../contracts/matching-pushes.js';
import { type MatchRecord, ownPushId } from '../contracts/matches.js';
import { untilRead } from '@ccgame/jetstream';
import { isPermanent } from '@ccgame/rpc';
import { type PushOptions, PushService } from '@ccgame/sessions';
import { isOpen } from '../store/messages.js';
import { type Tickets, TicketStore } from '../store/ticket-store.js';

/** Before each further try, ms. A try may take 30 s itself, so the log may have forgotten the first one: the player is told a gap then (decision 338). */
const pausesMs = [200, 1_000, 5_000, 15_000, 20_000];
/** Matches whose players were told in vain: another server may have told them since. */
const mostFirstTries = 10_000;

/**
 * Tells players the outcome of their tickets. A server that tells the same again, after a crash in between, pushes under the same id, which
 * the push log refuses for 60 s.
 */
@Injectable()
export class MatchAnnouncer {
  private readonly log = new Logger('matching');
  /** By a push's id, when it was tried first, by `performance.now()`, where that failed. */
  private readonly firstTries = new Map<string, number>();

  constructor(
    private readonly store: TicketStore,
    private readonly push: PushService,
  ) {}

  async announceProposal({ matchId, mode, teams, acceptUntil = 0 }: MatchRecord): Promise<void> {
    const players = teams.flat();
    const push: MatchProposedPush = {
      matchId,
      mode,
      players: players.length,
      acceptUntilMs: acceptUntil,
      acceptWithinMs: Math.max(0, acceptUntil - this.store.clock.now()),
    };
    await this.announceOnce(ownPushId(`proposed-${matchId}`), (options) =>
      this.push.toPlayers(players, 'match.proposed', push, options),
    );
  }

  async announceMatch(record: MatchRecord): Promise<void> {
    const { matchId, backfillOf, mode, version, teams, roles, region, allocation } = record;
    const push: MatchedPush = {
      matchId: backfillOf ?? matchId,
      mode,
      version,
      teams: teams.map((players) => ({ players })),
      ...(roles && { roles }),
      ...(region !== undefined && { region }),
      ...(allocation !== undefined && { allocation }),
      ...(backfillOf !== undefined && { isBackfill: true }),
    };
    await this.announceOnce(ownPushId(`matched-${matchId}`), (options) =>
      this.push.toPlayers(teams.flat(), 'matched', push, options),
    );
  }

  /** Players that are in the queue again hear that, the others that they left it. */
  async announceCancellation(record: MatchRecord): Promise<void> {
    const { matchId, mode, teams, reason = 'declined', dropped = [] } = record;
    const push: MatchCancelledPush = { matchId, mode, reason };
    const queued = teams.flat().filter((player) => !dropped.includes(player));
    await this.announceOnce(ownPushId(`cancelled-${matchId}`), async (options) => {
      await this.push.toPlayers(queued, 'match.cancelled', push, options);
      if (dropped.length > 0) await this.announceDropped(record, options.triedAgoMs);
    });
  }

  private async announceDropped(record: MatchRecord, triedAgoMs?: number): Promise<void> {
    const { matchId, mode, reason = 'declined', dropped = [], blamed = [] } = record;
    for (const [player, { record: ticket }] of await this.droppedTickets(matchId, dropped)) {
      // A player who has joined again meanwhile knows.
      if (!ticket || isOpen(ticket) || ticket.matchId !== matchId) continue;
      const by = ticket.players.find((one) => blamed.includes(one));
      const push = { ticketId: ticket.ticketId, mode, reason, ...(by !== undefined && { by }) };
      await this.pushClosed(push, [player], triedAgoMs);
    }
  }

  /** @param announce is called anew by a later call with that id, which the log may have forgotten by then */
  private async announceOnce(id: string, announce: (options: PushOptions) => Promise<void>): Promise<void> {
    const now = performance.now();
    const firstAt = this.firstTries.get(id);
    try {
      await announce({ id, triedAgoMs: firstAt === undefined ? undefined : now - firstAt });
      this.firstTries.delete(id);
    } catch (error) {
      this.firstTries.set(id, firstAt ?? now);
      const [oldest = id] = this.firstTries.keys();
      if (this.firstTries.size > mostFirstTries) this.firstTries.delete(oldest);
      throw error;
    }
  }

  /**
   * Tells players of a ticket that is closed already. The first try is waited for; one that fails is made again later, as nobody else
   * would tell them.
   */
  async announceClosedTicket(push: TicketClosedPush, players: readonly string[]): Promise<void> {
    const firstAt = performance.now();
    try {
      await this.pushClosed(push, players);
    } catch (error) {
      if (isPermanent(error)) throw error;
      void this.announceLater(push, players, firstAt);
    }
  }

  /** Closed with the match: a replica of NATS that shows one still held by it is behind. @throws NotRead */
  private droppedTickets(matchId: string, players: readonly string[]): Promise<Tickets> {
    return untilRead(async () => {
      const stored = await this.store.ticketsOf(players);
      const isBehind = [...stored.values()].some(
        ({ record }) => record?.state === 'proposed' && record.matchId === matchId,
      );
      return isBehind ? undefined : stored;
    });
  }

  /** @param firstAt when it was tried first, by `performance.now()` */
  private async announceLater(
    push: TicketClosedPush,
    players: readonly string[],
    firstAt: number,
  ): Promise<void> {
    let failure: unknown;
    for (const pauseMs of pausesMs) {
      await sleep(pauseMs, undefined, { ref: false });
      try {
        return await this.pushClosed(push, players, performance.now() - firstAt);
      } catch (error) {
        failure = error;
        if (isPermanent(error)) break;
      }
    }
    const { ticketId, mode, reason } = push;
    this.log.error({ event: 'ticket.closed-not-told', ticketId, mode, reason, err: failure });
  }

  private async pushClosed(
    push: TicketClosedPush,
    players: readonly string[],
    triedAgoMs?: number,
  ): Promise<void> {
    const id = ownPushId(`closed-${push.ticketId}`);
    await this.push.toPlayers(players, 'ticket.closed', push, { id, triedAgoMs });
  }
}
