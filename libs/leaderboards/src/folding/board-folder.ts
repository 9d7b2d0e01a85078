import { type ExpectingMessage, type StoredMessage, writtenRecord } from '@ccgame/jetstream';
import { Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { Board } from '../boards/board.js';
import type { Period } from '../boards/periods.js';
import { rulesOf } from '../boards/rules.js';
import { FoldWriter } from './fold-writer.js';
import { metrics } from '../metrics.js';
import { type LeaderboardStore, type Standing } from '../store/leaderboard-store.js';
import {
  type CursorRecord,
  type PeriodRecord,
  type ResultRecord,
  periodOf,
  type ScoreRecord,
  sequencesSince,
} from '../store/records.js';
import { periodSubject, resultsStream, resultSubject, scoresStream, scoreSubject } from '../store/streams.js';
import { readScore } from '../store/read-records.js';
import type { ResultsStreamAge } from './results-age.js';
import { cursorAfterLoss, cursorBeforeRewritten, placeIn } from './move-cursor.js';
import { type CountedResult, countResults, goodScores, periodIn, scoreKey } from './fold.js';

/** `nothing`: all is counted. `counted`: some, and there may be more. `raced`: another server counted meanwhile. */
export type FoldOutcome = 'nothing' | 'counted' | 'raced';

/** An atomic batch takes 1,000 messages: the scores, the periods that they are in, the cursor, and a fence. */
const mostChanges = 990;
/** One result has no more, so that it fits in with its period. */
const mostPlayers = 900;
/** Requests for the next results, one result each; a batch of them when there are many. */
const mostRequests = 64;
const batch = 400;
/** A hint may be of a result that was refused, so a few that are missing mean nothing. */
const fewExpected = 8;

/** The stream of results whose sequences a fold counts by. */
export type CountedStream = Pick<ResultsStreamAge, 'since' | 'isStill'>;

/** The rules of a board differ from those that its scores were counted by. */
export class RulesDiffer extends Error {
  override readonly name = 'RulesDiffer';
}

/**
 * Counts the results of a board's topic on it. Any server may do so at any time: the batch that stores new scores also moves
 * the cursor by compare-and-set, so of two servers that count the same results one is refused, and nothing of its batch stored.
 */
export class BoardFolder {
  private readonly log = new Logger('leaderboards');
  /** The last fold had as many results as it takes, or didn't reach those that were heard of. */
  isBehind = false;
  /** How many results it asks for, at least: twice as many as last time, where each of those was there. */
  private width = 1;
  /** The cursor that a fold began with, and since when it stands there, by `performance.now()`. */
  private seen: { standing: Standing<CursorRecord>; at: number } = { standing: { seq: -1 }, at: 0 };
  private readonly writer: FoldWriter;

  /** @param storeAll stores what is written, in the place of `LeaderboardStore.write` */
  constructor(
    readonly board: Board,
    private readonly store: LeaderboardStore,
    storeAll?: LeaderboardStore['write'],
  ) {
    this.writer = new FoldWriter(board.name, store, storeAll);
  }

  /** How far the board has counted. @throws NotRead */
  cursor(): Promise<Standing<CursorRecord>> {
    return this.writer.readCursor();
  }

  /**
   * Counts the next results.
   *
   * @param stream that of the results: when it was made, epoch s
   * @param expected how many results there may be
   * @throws RulesDiffer, NotRead, NotStored
   */
  async fold(stream: CountedStream, expected = mostRequests): Promise<FoldOutcome> {
    const { since } = stream;
    const cursor = await this.writer.lastCursor();
    const rules = rulesOf(this.board);
    if (cursor.record && cursor.record.rules !== rules) {
      throw new RulesDiffer(
        `The leaderboard ${this.board.name} was ${cursor.record.rules} and is declared ${rules}`,
      );
    }
    if (cursor.seq !== this.seen.standing.seq) this.seen = { standing: cursor, at: performance.now() };
    const counted = cursor.record?.since === since ? cursor.record : undefined;
    const { seq: from, losses } = counted ?? { seq: 0 };
    const [rewritten, messages] = await Promise.all([
      counted && cursorBeforeRewritten(this.board, this.store, counted),
      this.next(from + 1, expected),
    ]);
    // Another stream may have taken its place since it was asked: its results would be counted as those of the one before, and once more as its own.
    if ((rewritten || (!counted && messages.length > 0)) && !(await stream.isStill())) return this.giveWay();
    if (rewritten) return (await this.writer.writeFold([], rewritten, cursor.seq)) ? 'counted' : 'raced';
    const { results, lastSeq, countedTo, periods } = this.select(
      messages,
      cursor.record && periodOf(cursor.record),
    );
    // Results of other topics lie between those that were heard of.
    const hasMissed = !this.isBehind && expected > fewExpected && messages.length < expected / 2;
    this.isBehind = messages.length >= mostRequests || hasMissed;
    if (lastSeq === 0) {
      // NATS may have been restored, and the results begin earlier again.
      this.writer.forgetWritten();
      return 'nothing';
    }
    const moved: CursorRecord = {
      seq: lastSeq,
      since,
      losses,
      countedTo,
      ...placeIn(periods, cursor.record),
      rules,
      by: Config.SERVER_ID,
    };
    const changes = await this.changes(results, periods, sequencesSince(since, losses));
    const isStored = await this.writer.writeFold(changes, moved, cursor.seq);
    if (isStored) metrics.counted.inc({ board: this.board.name }, results.length);
    return isStored ? 'counted' : 'raced';
  }

  /**
   * Goes on where the stream of results goes on, if it has lost some that were counted.
   *
   * @returns whether it has
   * @throws NotRead, NotStored
   */
  async passLoss(age: ResultsStreamAge): Promise<boolean> {
    const { standing, at } = this.seen;
    // An end of the stream that was asked for before the cursor came there says nothing.
    if (age.askedAt < at || !standing.record) return false;
    const moved = await cursorAfterLoss(this.board, this.store, standing.record, age);
    if (!moved || !(await age.isStill())) return false;
    return this.writer.writeFold([], moved, standing.seq);
  }

  private giveWay(): FoldOutcome {
    this.writer.forgetWritten();
    return 'raced';
  }

  private async next(seq: number, expected: number): Promise<StoredMessage[]> {
    const subject = resultSubject(this.board.topic, '*');
    if (this.isBehind) return this.store.readFrom(resultsStream.name, subject, seq, batch);
    const requests = Math.min(Math.max(expected, this.width), mostRequests);
    const messages = await this.store.readNext(resultsStream.name, subject, seq, requests);
    this.width = messages.length < requests ? 1 : 2 * requests;
    return messages;
  }

  /** As many as one batch takes, with the period of each. A period never begins again: a clock may go back a little. */
  private select(
    messages: readonly StoredMessage[],
    running: Period | undefined,
  ): { results: CountedResult[]; lastSeq: number; countedTo: number; periods: Period[] } {
    const results: CountedResult[] = [];
    const periods: Period[] = [];
    let lastSeq = 0;
    let countedTo = 0;
    let changes = 0;
    for (const message of messages) {
      const scores = this.scoresOf(message);
      const period = this.board.periods.at(message.storedAt, periods.at(-1) ?? running);
      const begins = period.name !== periods.at(-1)?.name;
      changes += scores.length + (begins ? 1 : 0);
      if (changes > mostChanges) break;
      if (begins) periods.push(period);
      results.push({ seq: message.seq, period: period.name, scores });
      lastSeq = message.seq;
      countedTo = message.storedAt;
    }
    return { results, lastSeq, countedTo, periods };
  }

  /** A result that can't be read counts as none, and stops no other. */
  private scoresOf(message: StoredMessage): ResultRecord['scores'] {
    const { subject, seq } = message;
    try {
      const record = writtenRecord(message)?.json<ResultRecord>();
      if (!record) return [];
      const { good, bad } = goodScores(record);
      if (bad > 0) {
        metrics.skipped.inc({ board: this.board.name }, bad);
        this.log.error({ event: 'leaderboards.scores-skipped', board: this.board.name, subject, seq, bad });
      }
      return good.slice(0, mostPlayers);
    } catch (error) {
      metrics.skipped.inc({ board: this.board.name });
      this.log.error({
        event: 'leaderboards.result-skipped',
        board: this.board.name,
        subject,
        seq,
        err: error,
      });
      return [];
    }
  }

  /** The messages that the results make: scores, and the periods that they are in. */
  private async changes(
    results: readonly CountedResult[],
    periods: readonly Period[],
    since: number,
  ): Promise<ExpectingMessage[]> {
    const subjects = new Map<string, string>();
    for (const { period, scores } of results) {
      for (const { playerId } of scores)
        subjects.set(scoreKey(period, playerId), scoreSubject(this.board.name, period, playerId));
    }
    const found = await this.store.readMany(scoresStream.name, [...subjects.values()]);
    const stands = new Map([...subjects.keys()].map((key, index) => [key, found[index]]));
    const standing = new Map(
      [...stands].map(([key, stand]) => [key, stand?.record && readScore(stand.record)]),
    );
    const changed = [...countResults(this.board, results, standing, since)];
    const scores = changed.map(([key, record]) => ({
      subject: subjects.get(key) as string,
      payload: JSON.stringify(record),
      expected: stands.get(key)?.seq ?? 0,
    }));
    return [...scores, ...(await this.periodMessages(changed, periods))];
  }

  private async periodMessages(
    changed: readonly [key: string, ScoreRecord][],
    periods: readonly Period[],
  ): Promise<ExpectingMessage[]> {
    const lastSeqs = new Map<string, number>();
    for (const [key, [, seq]] of changed) {
      const period = periodIn(key);
      lastSeqs.set(period, Math.max(seq, lastSeqs.get(period) ?? 0));
    }
    const touched = periods.filter(({ name }) => lastSeqs.has(name));
    const subjects = touched.map(({ name }) => periodSubject(this.board.name, name));
    const expected = await this.writer.expectedOf(subjects);
    return touched.map(({ name, startsAt, endsAt }, index) => {
      const record: PeriodRecord = { startsAt, endsAt, lastSeq: lastSeqs.get(name) as number };
      return {
        subject: subjects[index],
        payload: JSON.stringify(record),
        expected: expected[index],
      };
    });
  }
}
