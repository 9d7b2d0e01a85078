import { Inject, Injectable, Logger } from '@nestjs/common';
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '#config';
import {
  boardKey,
  boardsBucket,
  type Day,
  dayOf,
  type MatchResultRecord,
  matchResultsStream,
  rankPlayers,
  type SettledBoard,
} from '#contracts';
import { ensureBucket, ensureStream, NATS_CONNECTION } from '#rpc';
import type { Job } from '#server';

/** How far back a run looks for days that no earlier run has settled. The stream keeps results for longer. */
const daysBack = 7;
const dayMs = 24 * 3600 * 1000;

/**
 * Closes the boards of the days that are over. Each is written once: a second run, or a second pod at the same time,
 * finds it written and leaves it as it is.
 */
@Injectable()
export class SettleLeaderboardJob implements Job {
  private readonly log = new Logger('settle-leaderboard');

  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {}

  async run(now = Date.now()): Promise<void> {
    await ensureStream(await jetstreamManager(this.nats), matchResultsStream);
    const boards = await ensureBucket(this.nats, boardsBucket, 1);
    for (const [key, scores] of await this.collect(dayOf(now - daysBack * dayMs), dayOf(now))) {
      await this.settle(boards, key, scores);
    }
  }

  /** Adds up the results from a day on, up to another: board key → player id → score. */
  private async collect(from: Day, until: Day): Promise<Map<string, Map<string, number>>> {
    const totals = new Map<string, Map<string, number>>();
    const consumer = await jetstream(this.nats).consumers.get(matchResultsStream.name, {
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: `${from}T00:00:00Z`,
    });
    if ((await consumer.info()).num_pending === 0) return totals;
    const messages = await consumer.consume();
    for await (const message of messages) {
      const day = dayOf(message.info.timestampNanos / 1e6);
      if (day >= until) break;
      add(totals, day, message.json<MatchResultRecord>());
      if (message.info.pending === 0) break;
    }
    await messages.close();
    return totals;
  }

  private async settle(boards: KV, key: string, scores: Map<string, number>): Promise<void> {
    if (await boards.get(key)) return;
    const [board = '', day = ''] = key.split('.');
    const settled: SettledBoard = { board, day, settledBy: Config.SERVER_ID, entries: rankPlayers(scores) };
    const isFirst = await boards.create(key, JSON.stringify(settled)).then(
      () => true,
      async (error: unknown) => {
        if (await boards.get(key)) return false;
        throw error;
      },
    );
    this.log.log({
      event: isFirst ? 'leaderboard.settled' : 'leaderboard.settled-elsewhere',
      board,
      day,
      players: scores.size,
    });
  }
}

function add(totals: Map<string, Map<string, number>>, day: Day, { board, scores }: MatchResultRecord): void {
  const key = boardKey(board, day);
  const players = totals.get(key) ?? new Map<string, number>();
  totals.set(key, players);
  for (const { playerId, score } of scores) players.set(playerId, (players.get(playerId) ?? 0) + score);
}
