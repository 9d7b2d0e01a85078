import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type BoardEntry, type Day, dayOf, rankPlayers } from './boards.js';
import { type MatchResultRecord, matchResultsStream } from '@ccgame/matchmaker';
import { ensureStream, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Readiness } from '@ccgame/server';

/**
 * Today's boards, kept in memory from the stream of results: every http server follows it from the day's beginning, so
 * all show the same without a store between them.
 */
@Injectable()
export class LiveBoards implements OnModuleInit, BeforeApplicationShutdown {
  private readonly log = new Logger('leaderboards');
  private readonly scores = new Map<string, Map<string, number>>();
  private day: Day = dayOf(Date.now());
  private results?: StreamFollower;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    readiness: Readiness,
  ) {
    readiness.addCheck('leaderboards', () => this.results?.isCaughtUp ?? false);
  }

  async onModuleInit(): Promise<void> {
    await ensureStream(await jetstreamManager(this.nats, { checkAPI: false }), matchResultsStream);
    this.results = new StreamFollower(this.nats, this.health, {
      stream: matchResultsStream.name,
      from: `${this.day}T00:00:00Z`,
      expecting: true,
      onMessage: (message) => this.take(message),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.results?.close();
  }

  /** The best `limit` players of today. */
  top(board: string, limit: number): { day: Day; entries: BoardEntry[] } {
    this.turnDay(dayOf(Date.now()));
    const scores = this.scores.get(board) ?? new Map<string, number>();
    return { day: this.day, entries: rankPlayers(scores).slice(0, limit) };
  }

  private take(message: StoredMessage): void {
    const day = dayOf(message.storedAt);
    this.turnDay(day);
    if (day !== this.day) return;
    try {
      const { board, scores } = message.json<MatchResultRecord>();
      for (const { playerId, score } of scores) this.addScore(board, playerId, score);
    } catch (error) {
      this.log.error({ event: 'leaderboards.unreadable', subject: message.subject, err: error });
    }
  }

  private addScore(board: string, playerId: string, score: number): void {
    const players = this.scores.get(board) ?? new Map<string, number>();
    this.scores.set(board, players.set(playerId, (players.get(playerId) ?? 0) + score));
  }

  private turnDay(day: Day): void {
    if (day <= this.day) return;
    this.day = day;
    this.scores.clear();
  }
}
