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

/** Players who wait, by mode; two of a mode make a match. */
@Injectable()
export class Queue implements OnModuleInit {
  private readonly waiting = new Map<string, WaitingTicket>();

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly push: PushService,
  ) {}

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats);
    await ensureAlways(this.health, () => ensureStream(manager, matchesStream));
  }

  async join(playerId: string, mode: string): Promise<TicketView> {
    const ticket = { ticketId: randomUUID(), mode, waitingSinceMs: Date.now() };
    await this.put({ ...ticket, playerId });
    return ticket;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** The ticket waits, or is matched with the one that does. */
  async put(ticket: WaitingTicket): Promise<void> {
    const { mode, playerId } = ticket;
    const other = this.waiting.get(mode);
    if (!other || other.playerId === playerId) return void this.waiting.set(mode, ticket);
    this.waiting.delete(mode);
    await this.match(mode, [other.playerId, playerId]);
  }

  /** Empties the queue. */
  takeAll(): WaitingTicket[] {
    const tickets = [...this.waiting.values()];
    this.waiting.clear();
    return tickets;
  }

  leave(playerId: string): boolean {
    const ticket = [...this.waiting.values()].find((one) => one.playerId === playerId);
    return ticket !== undefined && this.waiting.delete(ticket.mode);
  }

  private async match(mode: string, players: string[]): Promise<void> {
    const matchId = randomUUID();
    const teams = players.map((player) => [player]);
    const record: MatchRecord = { matchId, mode, version: Config.VERSION, teams, createdAt: Date.now() };
    await jetstream(this.nats).publish(matchCreatedSubject(matchId), JSON.stringify(record));
    const matched: MatchedPush = {
      matchId,
      mode,
      version: Config.VERSION,
      teams: teams.map((team) => ({ players: team })),
    };
    await Promise.all(players.map((player) => this.push.toPlayer(player, 'matched', matched)));
  }
}
