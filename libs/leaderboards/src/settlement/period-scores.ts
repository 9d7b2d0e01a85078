import { writtenRecord } from '@ccgame/jetstream';
import { Injectable } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { readScore } from '../store/read-records.js';
import { scoresStream, scoreSubject } from '../store/streams.js';

interface Reading {
  scores: RankedScores;
  lastSeq: number;
  unreadable: number;
}

/** Reads all scores of a period that is closed. */
@Injectable()
export class PeriodScores {
  constructor(private readonly store: LeaderboardStore) {}

  /**
   * @param lastSeq the last result that changed a score
   * @returns undefined: what was read is not all, as a replica is behind, or another job has just settled the period
   * @throws NotRead
   */
  async read(board: Board, period: string, lastSeq: number): Promise<RankedScores | undefined> {
    const reading = await this.readOnce(board, period);
    // The last one may be among those that were overwritten by a message that is no record (decision 061).
    const isComplete = reading.lastSeq >= lastSeq || reading.unreadable > 0;
    return isComplete ? reading.scores : undefined;
  }

  /** @throws NotRead */
  async areGone(board: Board, period: string): Promise<boolean> {
    const { scores, unreadable } = await this.readOnce(board, period);
    return scores.size + unreadable === 0;
  }

  private async readOnce(board: Board, period: string): Promise<Reading> {
    const reading: Reading = { scores: new RankedScores(board.order), lastSeq: 0, unreadable: 0 };
    await this.store.each(scoresStream.name, scoreSubject(board.name, period, '*'), (message) => {
      const record = writtenRecord(message) && readScore(message);
      if (!record) return void (reading.unreadable += 1);
      reading.scores.set(message.subject.split('.').at(-1) as string, record[0]);
      reading.lastSeq = Math.max(reading.lastSeq, record[1]);
    });
    return reading;
  }
}
