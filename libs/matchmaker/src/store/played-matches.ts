import { jetstreamManager } from '@nats-io/jetstream';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  type MatchRecord,
  playedMatchesStream,
  playedProbeSubject,
  playedSubject,
} from '../contracts/matches.js';
import { AckedPublisher, DirectReader, ensureAlways, ensureStream, isConflict } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { isMatch, recordIn } from './check-records.js';

/** The matches that came about, for results and for those who ask for players later. */
@Injectable()
export class PlayedMatches implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    this.endEnsuring = await ensureAlways(this.health, () => ensureStream(manager, playedMatchesStream), {
      name: playedMatchesStream.name,
      // Players are told of a match when it is kept here: where nothing is stored, nobody is told.
      probe: () => playedProbeSubject,
    });
  }

  onApplicationShutdown(): void {
    this.endEnsuring?.();
    this.publisher.close();
    this.reader.close();
  }

  /** Once: a match doesn't change when it is played. @throws NotStored */
  async keep(match: MatchRecord): Promise<void> {
    const { matchId, backfillOf = matchId } = match;
    const message = {
      subject: playedSubject(backfillOf, matchId),
      payload: JSON.stringify(match),
      expected: 0,
    };
    await this.publisher.publishAll([message]).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
  }

  /** As it began. @throws NotRead */
  async find(matchId: string): Promise<MatchRecord | undefined> {
    const { record } = await this.reader.readRecord(
      playedMatchesStream.name,
      playedSubject(matchId, matchId),
    );
    return record && recordIn(record, isMatch);
  }
}
