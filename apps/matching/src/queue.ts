import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '#config';
import {
  matchCreatedSubject,
  type MatchedPush,
  matchesStream,
  type MatchRecord,
  type TicketView,
} from '#contracts';
import { ensureAlways, ensureStream, NATS_CONNECTION, NatsHealth } from '#rpc';
import { PushService } from '#sessions';

export type WaitingTicket = TicketView & { playerId: string };

/** Players who wait, by mode, the oldest first; two of a mode make a match. */
@Injectable()
export class Queue implements OnModuleInit {
  private readonly waiting = new Map<string, WaitingTicket[]>();

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly push: PushService,
  ) {}

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats);
    await ensureAlways(this.health, () => ensureStream(manager, matchesStream));
  }

  /** A player who waits in this mode already gets the ticket that he has. */
  async join(playerId: string, mode: string): Promise<TicketView> {
    const open = this.waiting.get(mode)?.find((one) => one.playerId === playerId);
    if (open) return { ticketId: open.ticketId, mode, waitingSinceMs: open.waitingSinceMs };
    const ticket = { ticketId: randomUUID(), mode, waitingSinceMs: Date.now() };
    await this.put({ ...ticket, playerId });
    return ticket;
  }

  get size(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * The ticket waits, or is matched with the oldest that does.
   *
   * @throws when the match could not be recorded: the ticket wasn't taken, and the other one waits on
   */
  async put(ticket: WaitingTicket): Promise<void> {
    const { mode, playerId } = ticket;
    const others = (this.waiting.get(mode) ?? []).filter((one) => one.playerId !== playerId);
    const [other] = others;
    if (!other) return this.keep(ticket);
    this.drop(other);
    const players = [other.playerId, playerId];
    const match = matchOf(mode, players);
    try {
      await jetstream(this.nats).publish(matchCreatedSubject(match.matchId), JSON.stringify(match));
    } catch (error) {
      this.keep(other);
      throw error;
    }
    const { matchId, version, teams } = match;
    const matched: MatchedPush = { matchId, mode, version, teams: teams.map((team) => ({ players: team })) };
    await this.push.toPlayers(players, 'matched', matched);
  }

  /** Empties the queue. */
  takeAll(): WaitingTicket[] {
    const tickets = [...this.waiting.values()].flat();
    this.waiting.clear();
    return tickets;
  }

  leave(playerId: string): boolean {
    const open = [...this.waiting.values()].flat().filter((one) => one.playerId === playerId);
    for (const ticket of open) this.drop(ticket);
    return open.length > 0;
  }

  /**
   * The ticket waits for the next to come. One ticket a player and mode: of two, as when one moved here from another
   * version, the older counts.
   */
  keep(ticket: WaitingTicket): void {
    const tickets = [...(this.waiting.get(ticket.mode) ?? []), ticket].sort(
      (a, b) => a.waitingSinceMs - b.waitingSinceMs,
    );
    const oldest = tickets.find((one) => one.playerId === ticket.playerId);
    this.waiting.set(
      ticket.mode,
      tickets.filter((one) => one === oldest || one.playerId !== ticket.playerId),
    );
  }

  private drop({ mode, ticketId }: WaitingTicket): void {
    const left = (this.waiting.get(mode) ?? []).filter((one) => one.ticketId !== ticketId);
    if (left.length > 0) this.waiting.set(mode, left);
    else this.waiting.delete(mode);
  }
}

function matchOf(mode: string, players: string[]): MatchRecord {
  const teams = players.map((player) => [player]);
  return { matchId: randomUUID(), mode, version: Config.VERSION, teams, createdAt: Date.now() };
}
