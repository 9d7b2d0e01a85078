import { type ExpectingMessage, isOverBound, type StoredMessage, writtenRecord } from '@ccgame/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { SettledRecord } from '../store/records.js';
import { periodSubject, scoresStream, settledStream, settledSubject } from '../store/streams.js';
import { headPart } from './archive-parts.js';

interface KeptPeriod {
  board: string;
  period: string;
  players: number;
}

/** The archive has a bound, and a board of a million players fills it long before its `keepDays` are over. */
@Injectable()
export class ArchiveRoom {
  private readonly log = new Logger('leaderboards');
  private making?: Promise<boolean>;

  constructor(private readonly store: LeaderboardStore) {}

  /**
   * Stores a part of a settled period. As long as the archive is full, the oldest period goes of the board that has most players there. The
   * newest one of each board stays, and so do those whose rewards are still to be given.
   *
   * @returns the part's sequence
   * @throws NotStored, NotRead, the JetStream API's error
   */
  async writePart(part: ExpectingMessage): Promise<number> {
    for (;;) {
      try {
        return await this.store.write([part]);
      } catch (error) {
        if (!isOverBound(error) || !(await this.makeRoom())) throw error;
      }
    }
  }

  /** Once for all that find it full together. @returns false: nothing may go */
  private makeRoom(): Promise<boolean> {
    this.making ??= this.dropOldest().finally(() => (this.making = undefined));
    return this.making;
  }

  private async dropOldest(): Promise<boolean> {
    const [kept, unrewarded] = [await this.keptPeriods(), await this.unrewardedPeriods()];
    const candidates = [...new Set(kept.map(({ board }) => board))].flatMap((name) => {
      const periods = kept.filter(({ board }) => board === name);
      periods.sort((one, other) => (one.period < other.period ? -1 : 1));
      const oldest = periods.slice(0, -1).find(({ board, period }) => !unrewarded.has(`${board}.${period}`));
      return oldest ? [{ ...oldest, ofBoard: periods.reduce((sum, { players }) => sum + players, 0) }] : [];
    });
    const [largest] = candidates.sort((one, other) => other.ofBoard - one.ofBoard);
    if (!largest) return false;
    const { board, period, players } = largest;
    await this.store.purge(settledStream.name, settledSubject(board, period, '>'));
    this.log.warn({ event: 'leaderboards.period-dropped', board, period, players });
    return true;
  }

  private async keptPeriods(): Promise<KeptPeriod[]> {
    const kept: KeptPeriod[] = [];
    await this.store.each(settledStream.name, settledSubject('*', '*', headPart), (message) => {
      const [, , board = '', period = ''] = message.subject.split('.');
      if (writtenRecord(message)) kept.push({ board, period, players: playersIn(message) });
    });
    return kept;
  }

  private async unrewardedPeriods(): Promise<Set<string>> {
    const found = new Set<string>();
    await this.store.each(scoresStream.name, periodSubject('*', '*'), ({ subject }) =>
      found.add(subject.split('.').slice(-2).join('.')),
    );
    return found;
  }
}

/** 0: the record can't be read, and its pages may go as others do. */
function playersIn(head: StoredMessage): number {
  try {
    return head.json<SettledRecord>().players;
  } catch {
    return 0;
  }
}
