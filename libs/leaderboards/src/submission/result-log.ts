import { errorText } from '@ccgame/config';
import { isConflict, isTooLarge, NotStored, untilWritten } from '@ccgame/jetstream';
import { GameErrors } from '@ccgame/protocol';
import { encodeJson, isPermanent, RpcError } from '@ccgame/rpc';
import { Injectable, Logger } from '@nestjs/common';
import { metrics } from '../metrics.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { ResultRecord, SubmittedScore } from '../store/records.js';
import { resultsStream, resultSubject } from '../store/streams.js';
import { checkResult } from './check-result.js';
import type { Submitted, SubmittedResult } from './submitted-result.js';

const retryAfterMs = 1_000;

/** The results that servers submit: one a topic and id, written once, never changed. Boards count them a moment later. */
@Injectable()
export class ResultLog {
  private readonly log = new Logger('leaderboards');

  constructor(private readonly store: LeaderboardStore) {}

  /**
   * Stores a result; durable when this resolves.
   *
   * @throws RpcError INVALID, also for an `about` that JSON can't hold; TOO_LARGE; CONFLICT for a second result of that topic and id that differs from the first; BUSY when it is
   *   not known to be stored, as NATS is away or full: submit it again with the same id, it counts once
   */
  async submit(result: SubmittedResult): Promise<Submitted> {
    checkResult(result);
    const { topic, id, about } = result;
    const scores = inOrder(result.scores);
    const record: ResultRecord = about ? { scores, about } : { scores };
    const payload = encodeJson(record);
    const stored = await this.appendRecord(resultSubject(topic, id), payload).catch((error: unknown) =>
      this.refuse(error),
    );
    if (stored && JSON.stringify(stored.scores) !== JSON.stringify(record.scores)) {
      metrics.results.inc({ outcome: 'conflict' });
      throw GameErrors.CONFLICT({
        details: { detail: 'Another result was submitted under this id before.' },
      });
    }
    metrics.results.inc({ outcome: stored ? 'repeated' : 'stored' });
    return { record: stored ?? record, isRepeated: stored !== undefined };
  }

  /**
   * Stores a result without scores: when it is counted, all that were stored before it are. It stands where no result of a game can.
   *
   * @returns its sequence @throws NotStored
   */
  mark(topic: string, name: string): Promise<number> {
    const subject = resultSubject(topic, `$${name}`);
    return this.store.write([{ subject, payload: '{"scores":[]}', expected: 0 }]);
  }

  /** Writes the record, or gives the one that is there already. */
  private async appendRecord(subject: string, payload: string): Promise<ResultRecord | undefined> {
    let expected = 0;
    return untilWritten(async () => {
      try {
        await this.store.write([{ subject, payload, expected }]);
        return undefined;
      } catch (error) {
        if (!isConflict(error)) throw error;
        const stands = await this.store.read<ResultRecord>(resultsStream.name, subject);
        // The message there may be no record, or a replica doesn't have it yet: the next write tells.
        expected = stands.seq;
        return stands.record ?? false;
      }
    });
  }

  private refuse(error: unknown): never {
    // By NATS' limit for a message, or by an operator's for the stream.
    if (isPermanent(error)) throw error;
    if (isTooLarge(error)) throw new RpcError('TOO_LARGE', { message: errorText(error), cause: error });
    metrics.results.inc({ outcome: 'busy' });
    if (error instanceof NotStored && (error.kind === 'refused' || error.kind === 'denied'))
      this.log.error({ event: 'leaderboards.result-refused', reason: error.message, code: error.apiCode });
    throw new RpcError('BUSY', {
      retryable: true,
      retryAfterMs,
      cause: error,
      message: 'The result may not be stored',
    });
  }
}

/** One score a player, in the order of the ids, so that two reports can be compared. */
function inOrder(scores: readonly SubmittedScore[]): SubmittedScore[] {
  return scores
    .map(({ playerId, score }) => ({ playerId, score }))
    .sort((one, other) => (one.playerId < other.playerId ? -1 : 1));
}
