import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  type BackfillRecord,
  backfillSubject,
  matchCreatedSubject,
  matchesStream,
  type MatchRecord,
  type MembershipRecord,
  membershipSubject,
  probeSubject,
  type TicketRecord,
  ticketSubject,
} from '../contracts/matches.js';
import {
  AckedPublisher,
  DirectReader,
  ensureAlways,
  type ExpectingMessage,
  NatsClock,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { isBackfill, isMatch, isMembership, isTicketOf, recordIn } from './check-records.js';
import { openMatchesStream } from './matches-stream.js';

/** A record with its place in the stream, which the next write to its subject must expect. */
export interface Stored<T> {
  record: T;
  seq: number;
}

/** As {@link Stored}; without a record where none stands there, or one that nobody wrote who may. */
export type Standing<T> = Partial<Pick<Stored<T>, 'record'>> & Pick<Stored<T>, 'seq'>;

/** The newest ticket of each player. */
export type Tickets = ReadonlyMap<string, Standing<TicketRecord>>;

/** In whose party each player is. */
export type Memberships = ReadonlyMap<string, Standing<MembershipRecord>>;

/** The stream `MATCHES`: writes by compare-and-set, one message or several that are stored all or none, and reads. */
@Injectable()
export class TicketStore implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    readonly health: NatsHealth,
    /** By which all times in the stream are written and compared. */
    readonly clock: NatsClock,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  async onModuleInit(): Promise<void> {
    this.endEnsuring = await ensureAlways(this.health, () => openMatchesStream(this.nats), {
      name: matchesStream.name,
      // Not written by compare-and-set, so everybody who follows the stream leaves it out.
      probe: () => probeSubject,
    });
    await this.clock.follow(matchesStream.name);
  }

  onApplicationShutdown(): void {
    this.endEnsuring?.();
    this.publisher.close();
    this.reader.close();
  }

  /** Stores all or none. @returns the sequence of the first; the others follow it. @throws NotStored */
  async writeBatch(messages: readonly ExpectingMessage[]): Promise<number> {
    return (await this.publisher.publishAll(messages)).seq;
  }

  /** The newest tickets of players, open or not; nothing for a player who has none. @throws NotRead */
  ticketsOf(players: readonly string[]): Promise<Tickets> {
    const isOf =
      (player: string) =>
      (value: unknown): value is TicketRecord =>
        isTicketOf(player, value);
    return this.ofPlayers(players, ticketSubject, isOf);
  }

  /** Reads a player's membership; for one in no party: nothing, or a record without a leader. @throws NotRead */
  membershipsOf(players: readonly string[]): Promise<Memberships> {
    return this.ofPlayers(players, membershipSubject, () => isMembership);
  }

  /** @throws NotRead */
  async readMatch(matchId: string): Promise<Stored<MatchRecord> | undefined> {
    const { record, seq } = await this.readStanding(matchCreatedSubject(matchId), isMatch);
    return record && { record, seq };
  }

  /** Reads a running match's request, or that of a few minutes ago. @throws NotRead */
  readBackfill(matchId: string): Promise<Standing<BackfillRecord>> {
    return this.readStanding(backfillSubject(matchId), isBackfill);
  }

  private async ofPlayers<T>(
    players: readonly string[],
    subjectOf: (player: string) => string,
    isOf: (player: string) => (value: unknown) => value is T,
  ): Promise<ReadonlyMap<string, Standing<T>>> {
    const request = { multi_last: players.map(subjectOf), batch: players.length };
    const found = await this.reader.readMessages(matchesStream.name, request);
    return new Map(
      found.map((message) => {
        const player = message.subject.slice(message.subject.lastIndexOf('.') + 1);
        return [player, { record: recordIn(message, isOf(player)), seq: message.seq }];
      }),
    );
  }

  private async readStanding<T>(subject: string, is: (value: unknown) => value is T): Promise<Standing<T>> {
    const { record, seq } = await this.reader.readRecord(matchesStream.name, subject);
    return { record: record && recordIn(record, is), seq };
  }
}
