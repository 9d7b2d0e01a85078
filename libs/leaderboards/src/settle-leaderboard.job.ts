import { Inject, Injectable, Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import { boardKey, boardsBucket, type Day, dayOf, rankPlayers, type SettledBoard } from './boards.js';
import { type MatchResultRecord, matchResultsStream } from '@ccgame/matchmaker';
import {
  DirectReader,
  ensureBucket,
  ensureStream,
  type StandingRecord,
  writtenRecord,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import type { Job } from '@ccgame/server';

/** How far back a run looks for days that no earlier run has settled. The stream keeps results for longer. */
const daysBack = 7;
const dayMs = 24 * 3600 * 1000;
const batch = 10_000;

/**
 * Closes the boards of the days that are over. Each is written once: a second run, or a second pod at the same time,
 * finds it written and leaves it as it is.
 */
@Injectable()
export class SettleLeaderboardJob implements Job {
  private readonly log = new Logger('settle-leaderboard');

  /** It ends with the connection. */
  private readonly reader: DirectReader;

  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {
    this.reader = new DirectReader(nats, new NatsHealth(nats));
  }

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
    let next: object = { start_time: `${from}T00:00:00Z` };
    for (let pending = 1, day = from; pending > 0 && day < until;) {
      const request = { next_by_subj: '>', batch, ...next };
      pending = await this.reader.readEach(matchResultsStream.name, request, (message) => {
        next = { seq: message.seq + 1 };
        day = dayOf(message.storedAt);
        const result = day < until && writtenRecord(message)?.json<MatchResultRecord>();
        if (result) add(totals, day, result);
      });
    }
    return totals;
  }

  private async settle(boards: KV, key: string, scores: Map<string, number>): Promise<void> {
    const stands = await this.standing(key);
    if (stands.record) return;
    const [board = '', day = ''] = key.split('.');
    const settled: SettledBoard = { board, day, settledBy: Config.SERVER_ID, entries: rankPlayers(scores) };
    const isFirst = await boards.put(key, JSON.stringify(settled), { previousSeq: stands.seq }).then(
      () => true,
      async (error: unknown) => {
        if ((await this.standing(key)).record) return false;
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

  private standing(key: string): Promise<StandingRecord> {
    return this.reader.readRecord(`KV_${boardsBucket}`, `$KV.${boardsBucket}.${key}`);
  }
}

function add(totals: Map<string, Map<string, number>>, day: Day, { board, scores }: MatchResultRecord): void {
  const key = boardKey(board, day);
  const players = totals.get(key) ?? new Map<string, number>();
  totals.set(key, players);
  for (const { playerId, score } of scores) players.set(playerId, (players.get(playerId) ?? 0) + score);
}
