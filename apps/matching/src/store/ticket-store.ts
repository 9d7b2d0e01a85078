import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  type BackfillRecord,
  backfillSubject,
  matchCreatedSubject,
  matchesStream,
  type MatchRecord,
  type TicketRecord,
  ticketSubject,
} from '#contracts';
import { DirectReader, ensureAlways, NATS_CONNECTION, NatsHealth, written } from '#rpc';
import { AckedPublisher, type ExpectingMessage, NotStored } from '#sessions';
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

/** JetStream's refusals of a compare-and-set: another message stands there, or is being stored right now. */
const otherStands = new Set([10071, 10164]);
/** Too many batches at once, or a part of one was lost on the way: nothing was stored, and it may be tried again. */
const notNow = new Set([10176, 10210]);

/** The stream `MATCHES`: writes by compare-and-set, one message or several that are stored all or none, and reads. */
@Injectable()
export class TicketStore implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  async onModuleInit(): Promise<void> {
    this.endEnsuring = await ensureAlways(this.health, () => openMatchesStream(this.nats));
  }

  onApplicationShutdown(): void {
    this.endEnsuring?.();
    this.publisher.close();
    this.reader.close();
  }

  /** Stores all or none. @returns the sequence of the first; the others follow it. @throws NotStored */
  async write(messages: readonly ExpectingMessage[]): Promise<number> {
    return (await this.publisher.publishAll(messages)).seq;
  }

  /** The newest tickets of players, open or not; of who has none: nothing. @throws NotRead */
  async ticketsOf(players: readonly string[]): Promise<Tickets> {
    const request = { multi_last: players.map(ticketSubject), batch: players.length };
    const found = await this.reader.read(matchesStream.name, request);
    return new Map(
      found.map((message) => [
        message.subject.slice(ticketSubject('').length),
        { record: written(message)?.json<TicketRecord>(), seq: message.seq },
      ]),
    );
  }

  /** @throws NotRead */
  async match(matchId: string): Promise<Stored<MatchRecord> | undefined> {
    const { record, seq } = await this.standing<MatchRecord>(matchCreatedSubject(matchId));
    return record && { record, seq };
  }

  /** What a running match asks for, or asked for a few minutes ago. @throws NotRead */
  backfill(matchId: string): Promise<Standing<BackfillRecord>> {
    return this.standing(backfillSubject(matchId));
  }

  private async standing<T>(subject: string): Promise<Standing<T>> {
    const { record, seq } = await this.reader.record(matchesStream.name, subject);
    return { record: record?.json<T>(), seq };
  }
}

/** Whether a write was refused as something else was written first. Otherwise, see {@link isUncertain}. */
export function isRefused(error: unknown): boolean {
  return error instanceof NotStored && error.apiCode !== undefined && otherStands.has(error.apiCode);
}

/** Whether a write had no answer, or JetStream could not take it now: who knows, or nobody yet. */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof NotStored)) return false;
  return error.kind !== 'refused' || (error.apiCode !== undefined && notNow.has(error.apiCode));
}
