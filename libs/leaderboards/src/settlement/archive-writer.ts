import { setImmediate as nextTurn } from 'node:timers/promises';
import { isConflict, untilWritten } from '@ccgame/jetstream';
import { Injectable } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { Board } from '../boards/board.js';
import type { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { PeriodTimes, SettledPlayer, SettledRecord } from '../store/records.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { bucketOfPlayer, headPart, pagePart, pageSize, playersPart } from './archive-parts.js';

const atOnce = 8;
/** Players that are looked at in one turn of the event loop: some ms. */
const inOneTurn = 5_000;
const secondsPerDay = 86_400;

/** Writes a period that is over into the archive. Done twice, or by two servers at once, it gives the same. */
@Injectable()
export class ArchiveWriter {
  constructor(private readonly store: LeaderboardStore) {}

  /**
   * The head is written last, and once: it says that the period is settled.
   *
   * @returns the head that stands; undefined: another server has just written it
   * @throws NotStored, NotRead, RpcError BUSY
   */
  async write(
    board: Board,
    name: string,
    { startsAt, endsAt }: PeriodTimes,
    scores: RankedScores,
  ): Promise<SettledRecord | undefined> {
    const buckets = Math.max(1, Math.ceil(scores.size / pageSize));
    await this.writePages(board, name, scores);
    await this.writePlayers(board, name, scores, buckets);
    const { now } = await this.store.times(settledStream.name);
    const head: SettledRecord = {
      startsAt,
      endsAt,
      players: scores.size,
      decimals: board.decimals,
      pageSize,
      buckets,
      settledAt: now,
      by: Config.SERVER_ID,
    };
    return (await this.put(board, name, headPart, head)) ? head : undefined;
  }

  private async writePages(board: Board, name: string, scores: RankedScores): Promise<void> {
    const pages = Math.ceil(scores.size / pageSize);
    await inTurns(pages, async (page) => {
      const players = scores.page(page * pageSize, pageSize);
      const list = players.map(({ rank, playerId, units }): SettledPlayer => [rank, playerId, units]);
      await this.put(board, name, pagePart(page), list);
    });
  }

  private async writePlayers(
    board: Board,
    name: string,
    scores: RankedScores,
    buckets: number,
  ): Promise<void> {
    const lists = Array.from({ length: buckets }, (): [...SettledPlayer, position: number][] => []);
    let position = 0;
    for (const { rank, playerId, units } of scores.all()) {
      lists[bucketOfPlayer(playerId, buckets)]?.push([rank, playerId, units, position++]);
      if (position % inOneTurn === 0) await nextTurn();
    }
    await inTurns(buckets, async (bucket) => {
      await this.put(board, name, playersPart(bucket), lists[bucket]);
    });
  }

  /** @returns false where the same part stood there already */
  private async put(board: Board, name: string, part: string, value: unknown): Promise<boolean> {
    const subject = settledSubject(board.name, name, part);
    const ttlSeconds = Math.ceil(board.keepDays * secondsPerDay);
    const payload = JSON.stringify(value);
    let expected = 0;
    const outcome = await untilWritten(async () => {
      try {
        await this.store.write([{ subject, payload, ttlSeconds, expected }]);
        return 'written';
      } catch (error) {
        if (!isConflict(error)) throw error;
        const stands = await this.store.read(settledStream.name, subject);
        // The message there may be no record, or a replica doesn't have it yet: then the next write tells.
        expected = stands.seq;
        return stands.record !== undefined && 'stands';
      }
    });
    return outcome === 'written';
  }
}

/** Some at a time, in order. */
async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < count; start += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, count - start) }, (_, index) => start + index);
    await Promise.all(indexes.map(work));
  }
}
