import { setImmediate as nextTurn } from 'node:timers/promises';
import { isConflict, untilRead, untilWritten } from '@ccgame/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { Board } from '../boards/board.js';
import type { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { PeriodTimes, SettledPlayer, SettledRecord } from '../store/records.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { bucketOfPlayer, headPart, pagePart, pageSize, playersPart } from './archive-parts.js';
import { ArchiveRoom } from './archive-room.js';

const atOnce = 8;
/** Players that are looked at in one turn of the event loop: some ms. */
const inOneTurn = 5_000;
const secondsPerDay = 86_400;

/** Writes a period that is over into the archive. Done twice, or by two servers at once, it gives the same. */
@Injectable()
export class ArchiveWriter {
  private readonly log = new Logger('leaderboards');

  constructor(
    private readonly store: LeaderboardStore,
    private readonly room: ArchiveRoom,
  ) {}

  /**
   * The head is written last, and once: it says that the period is settled.
   *
   * @returns the head that stands; undefined: another server has just written it
   * @throws NotStored, NotRead, RpcError BUSY; Error where the archive has not room enough for this period alone
   */
  async write(
    board: Board,
    name: string,
    { startsAt, endsAt }: PeriodTimes,
    scores: RankedScores,
  ): Promise<SettledRecord | undefined> {
    await this.checkRoom(board, { startsAt, endsAt }, scores);
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
    return (await this.put(board, name, headPart, head, 'none')) ? head : undefined;
  }

  /**
   * Has a settled period stay for as long again, where half of its time is over: its rewards are still to be given.
   *
   * @throws NotStored, NotRead, the JetStream API's error, RpcError BUSY
   */
  async keep(board: Board, name: string, head: SettledRecord): Promise<void> {
    const { now } = await this.store.times(settledStream.name);
    if (now - (head.keptFrom ?? head.settledAt) < (board.keepDays * secondsPerDay * 1_000) / 2) return;
    const pages = Array.from({ length: Math.ceil(head.players / head.pageSize) }, (_, page) =>
      pagePart(page),
    );
    const players = Array.from({ length: head.buckets }, (_, bucket) => playersPart(bucket));
    const parts = [...pages, ...players];
    await inTurns(parts.length, async (index) => {
      const subject = settledSubject(board.name, name, parts[index]);
      const value = await untilRead(async () => (await this.store.read(settledStream.name, subject)).record);
      await this.put(board, name, parts[index], value);
    });
    await this.put(board, name, headPart, { ...head, keptFrom: now }, 'any');
  }

  /** Nothing else is deleted for a period that finds no room in the end. */
  private async checkRoom(
    { name: board, keepDays }: Board,
    { startsAt, endsAt }: PeriodTimes,
    scores: RankedScores,
  ): Promise<void> {
    const { limit } = await this.store.times(settledStream.name);
    const bytes = expectedBytes(scores);
    if (bytes > limit)
      throw new Error(`A period of ${scores.size} players has some ${bytes} bytes, and the archive ${limit}`);
    const wanted = Math.ceil((keepDays * secondsPerDay * 1_000) / ((endsAt ?? Infinity) - startsAt));
    const periods = Math.floor(limit / bytes);
    if (wanted > periods)
      this.log.warn({ event: 'leaderboards.archive-small', board, players: scores.size, wanted, periods });
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

  /**
   * A part that stands there already, of a run that broke off, is written again where it is the same: it would go before the others. Another
   * one was made of more: this job has read the scores while another purged them.
   *
   * @returns false where the one that stands there was left
   */
  private async put(
    board: Board,
    name: string,
    part: string,
    value: unknown,
    replaces: 'none' | 'same' | 'any' = 'same',
  ): Promise<boolean> {
    const subject = settledSubject(board.name, name, part);
    const ttlSeconds = Math.ceil(board.keepDays * secondsPerDay);
    const payload = JSON.stringify(value);
    let expected = 0;
    let wasSame = false;
    const outcome = await untilWritten(async () => {
      try {
        await this.room.writePart({ subject, payload, ttlSeconds, expected });
        return 'written';
      } catch (error) {
        if (!isConflict(error)) throw error;
        const stands = await this.store.read(settledStream.name, subject);
        // The message there may be no record, or a replica doesn't have it yet: then the next write tells.
        expected = stands.seq;
        const isSame = JSON.stringify(stands.record) === payload;
        // Another job has just written it again.
        const isFresh = wasSame && isSame;
        const isLeft = replaces === 'none' || (replaces === 'same' && (!isSame || isFresh));
        wasSame = isSame;
        return isLeft && stands.record !== undefined && 'stands';
      }
    });
    return outcome === 'written';
  }
}

/** Bytes of a settled period: each player stands in a page and in a list by id, there with the place as well. */
export function expectedBytes(scores: RankedScores): number {
  const sample = scores.page(0, pageSize);
  const list = sample.map(({ rank, playerId, units }): SettledPlayer => [rank, playerId, units]);
  const each = (2 * Buffer.byteLength(JSON.stringify(list))) / Math.max(1, sample.length);
  // Ranks and places are longer further down.
  return Math.ceil(scores.size * (each + 12));
}

/** Some at a time, in order. */
async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < count; start += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, count - start) }, (_, index) => start + index);
    await Promise.all(indexes.map(work));
  }
}
