import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  ensureAlways,
  ensureStream,
  NotRead,
  type StoredMessage,
  StoredRecords,
  waitForReplica,
} from '@ccgame/jetstream';
import { ScoreSubmitter, type SubmittedScore } from '@ccgame/leaderboards';
import {
  isMatch,
  matchCreatedSubject,
  matchesStream,
  type MatchRecord,
  playedMatchesStream,
  playedSubject,
  recordIn,
} from '@ccgame/matchmaker/store';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { GameErrors } from '@ccgame/protocol';
import type { MatchResult } from './match-result.dto.js';

const mostLast = 1_024;
/** Reads of a match that doesn't fit its result: 0.6 s together, on average. */
const mostReads = 9;

/** The results that game servers report: one a match, stored once, never changed. The boards of its mode count it. */
@Injectable()
export class MatchResults implements OnModuleInit {
  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly records: StoredRecords,
    private readonly submitter: ScoreSubmitter,
  ) {}

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    for (const stream of [matchesStream, playedMatchesStream]) {
      await ensureAlways(this.health, () => ensureStream(manager, stream), { name: stream.name });
    }
  }

  /**
   * Stores the result of a match; durable when this resolves.
   *
   * @throws RpcError NOT_FOUND for an unknown match, CONFLICT for a player who was not in it or is named twice, and for a
   *   second result that differs from the first, BUSY where it may not be stored: reporting it again counts it once
   */
  async storeResult(matchId: string, scores: SubmittedScore[]): Promise<MatchResult> {
    const { mode, version } = await this.matchOf(matchId, scores);
    const { record, isRepeated } = await this.submitter.submitResult({
      topic: mode,
      id: matchId,
      scores,
      about: { version },
    });
    return { matchId, mode, version, scores: record.scores, isRepeated };
  }

  /**
   * The match that the scores are of. Any replica of NATS answers a read, and one may not have a match yet that was formed a moment ago,
   * or a player who just joined it: game servers give up at a refusal, so it is read again before that.
   *
   * @throws RpcError NOT_FOUND, CONFLICT
   */
  private async matchOf(matchId: string, scores: readonly SubmittedScore[]): Promise<MatchRecord> {
    for (let reads = 1; ; reads += 1) {
      const match = (await this.played(matchId)) ?? (await this.justFormed(matchId));
      const strangers = match ? strangersIn(scores, match) : [];
      if (match && strangers.length === 0) return match;
      if (reads === mostReads) throw match ? notOfMatch(strangers) : notFound();
      await waitForReplica(reads);
    }
  }

  /** With all who ever played in it: those who joined it while it ran stand in records of their own. */
  private async played(matchId: string): Promise<MatchRecord | undefined> {
    const stored = await this.partsOf(matchId);
    const parts = stored.flatMap((message) => recordIn(message, isMatch) ?? []);
    const match = parts.find((part) => part.matchId === matchId && part.backfillOf === undefined);
    const later = parts.filter(({ backfillOf }) => backfillOf === matchId).flatMap(({ teams }) => teams);
    return match && { ...match, teams: [...match.teams, ...later] };
  }

  /** A direct read gives 1,024 last messages at most; a match that runs for days may have had more players. */
  private async partsOf(matchId: string): Promise<StoredMessage[]> {
    const { name } = playedMatchesStream;
    const subject = playedSubject(matchId, '*');
    try {
      return await this.records.readMessages(name, { multi_last: [subject], batch: mostLast });
    } catch (error) {
      if (!(error instanceof NotRead) || error.kind !== 'too-many') throw error;
    }
    const all: StoredMessage[] = [];
    await this.records.readAll(name, subject, (message) => void all.push(message));
    return all;
  }

  /** Its players are being told. One that has to be accepted still, or did not come about, has no result. */
  private async justFormed(matchId: string): Promise<MatchRecord | undefined> {
    const { record } = await this.records.readRecord(matchesStream.name, matchCreatedSubject(matchId));
    const match = record && recordIn(record, isMatch);
    const isPlayed =
      match && (match.state === undefined || match.state === 'formed' || match.state === 'announced');
    return isPlayed && match.backfillOf === undefined ? match : undefined;
  }
}

/** Players who were not in the match, or are named twice. */
function strangersIn(scores: readonly SubmittedScore[], { teams }: MatchRecord): string[] {
  const players = new Set(teams.flat());
  return scores.map(({ playerId }) => playerId).filter((playerId) => !players.delete(playerId));
}

const notFound = (): Error => GameErrors.NOT_FOUND({ details: { detail: 'There is no such match.' } });

function notOfMatch(playerIds: string[]): Error {
  const detail = 'Each of the scores is to be of a player of the match, named once.';
  return GameErrors.CONFLICT({ details: { detail, playerIds } });
}
