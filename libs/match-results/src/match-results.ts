import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  jetstream,
  type JetStreamClient,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  type MatchRecord,
  matchCreatedSubject,
  matchesStream,
  playedMatchesStream,
  playedSubject,
} from '@ccgame/matchmaker/store';
import {
  type MatchResultRecord,
  matchResultsStream,
  matchResultSubject,
  type PlayerScore,
} from '@ccgame/matchmaker';
import { GameErrors } from '@ccgame/protocol';
import { ensureAlways, ensureStream, NotRead, type StoredMessage, writtenRecord } from '@ccgame/jetstream';
import { invalid } from '@ccgame/rpc';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { StoredRecords } from '@ccgame/jetstream';

/** JetStream's answer when a subject already holds a message: it was written by somebody else in between. */
const wrongLastSequence = 10071;
const mostLast = 1_024;
const pageSize = 1_000;

/** The results that game servers report: one a match, written once, never changed. */
@Injectable()
export class MatchResults implements OnModuleInit {
  private js: JetStreamClient;
  private manager: JetStreamManager;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly records: StoredRecords,
  ) {}

  async onModuleInit(): Promise<void> {
    this.js = jetstream(this.nats);
    this.manager = await jetstreamManager(this.nats, { checkAPI: false });
    for (const stream of [matchesStream, playedMatchesStream, matchResultsStream]) {
      await ensureAlways(this.health, () => ensureStream(this.manager, stream), { name: stream.name });
    }
  }

  /**
   * Stores the result of a match; durable when this resolves.
   *
   * @returns the stored record, and whether it had been stored before.
   * @throws RpcError NOT_FOUND for an unknown match, INVALID for a player who was not in it, CONFLICT for a second result
   *   that differs from the first.
   */
  async storeResult(
    matchId: string,
    scores: PlayerScore[],
  ): Promise<{ record: MatchResultRecord; isRepeated: boolean }> {
    const match = (await this.played(matchId)) ?? (await this.justFormed(matchId));
    if (!match) throw GameErrors.NOT_FOUND({ details: { detail: 'There is no such match.' } });
    const record = { matchId, board: match.mode, version: match.version, scores: inOrder(scores, match) };
    const stored = await this.writeOnce(record);
    if (stored && JSON.stringify(stored.scores) !== JSON.stringify(record.scores)) {
      throw GameErrors.CONFLICT({
        details: { detail: 'Another result was reported for this match before.' },
      });
    }
    return { record: stored ?? record, isRepeated: stored !== undefined };
  }

  /** With all who ever played in it: those who joined it while it ran stand in records of their own. */
  private async played(matchId: string): Promise<MatchRecord | undefined> {
    const stored = await this.partsOf(matchId);
    const parts = stored.flatMap((message) => writtenRecord(message)?.json<MatchRecord>() ?? []);
    const match = parts.find((part) => part.matchId === matchId && part.backfillOf === undefined);
    const later = parts.filter(({ backfillOf: joins }) => joins === matchId).flatMap(({ teams }) => teams);
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
    for (let isMore = true; isMore;) {
      const request = { next_by_subj: subject, seq: (all.at(-1)?.seq ?? 0) + 1, batch: pageSize };
      const left = await this.records.readEach(name, request, (message) => all.push(message));
      isMore = left > 0;
    }
    return all;
  }

  /** Its players are being told. One that has to be accepted still, or did not come about, has no result. */
  private async justFormed(matchId: string): Promise<MatchRecord | undefined> {
    const { record } = await this.records.readRecord(matchesStream.name, matchCreatedSubject(matchId));
    const match = record?.json<MatchRecord>();
    const isPlayed =
      match && (match.state === undefined || match.state === 'formed' || match.state === 'announced');
    return isPlayed && match.backfillOf === undefined ? match : undefined;
  }

  /** Writes the record, or gives the one that is there already. */
  private async writeOnce(
    record: MatchResultRecord,
    lastSubjectSequence = 0,
  ): Promise<MatchResultRecord | undefined> {
    const subject = matchResultSubject(record.matchId);
    try {
      await this.js.publish(subject, JSON.stringify(record), { expect: { lastSubjectSequence } });
      return undefined;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== wrongLastSequence) throw error;
      const stands = await this.records.readRecord(matchResultsStream.name, subject);
      if (stands.record) return stands.record.json<MatchResultRecord>();
      return this.writeOnce(record, stands.seq);
    }
  }
}

/** One score a player, in the order of the ids, so that two reports can be compared. */
function inOrder(scores: PlayerScore[], { teams }: MatchRecord): PlayerScore[] {
  const players = new Set(teams.flat());
  const strangers = scores.filter(({ playerId }) => !players.delete(playerId));
  if (strangers.length > 0) {
    const rule = (playerId: string): string => `${playerId} is to be a player of the match, named once`;
    throw invalid(strangers.map(({ playerId }) => ({ field: 'scores', rule: rule(playerId) })));
  }
  return scores
    .map(({ playerId, score }) => ({ playerId, score }))
    .sort((a, b) => (a.playerId < b.playerId ? -1 : 1));
}
