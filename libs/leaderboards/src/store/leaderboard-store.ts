import {
  AckedPublisher,
  DirectReader,
  ensureAlways,
  ensureStream,
  type ExpectingMessage,
  firstMadeAt,
  type StoredMessage,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { resultsStream, resultSubject, scoresStream, settledStream } from './streams.js';

/** A record and what the next write to its subject has to expect; no record where none stands there. */
export interface Standing<T> {
  record?: T;
  seq: number;
}

/** The age of a stream, by the clock of NATS, and its bound. */
export interface StreamTimes {
  /** When the stream was made, ISO 8601. */
  created: string;
  firstSeq: number;
  lastSeq: number;
  /** The time of NATS, epoch ms. */
  now: number;
  /** Bytes that the stream may have: an operator may have given it more. */
  limit: number;
}

const purgeTimeoutMs = 60_000;
/** NATS counts what is left once a batch, which takes it longer than to send many messages. */
const eachBatch = 20_000;
const mostFailures = 10;
const retryMs = 250;

/** The streams of the leaderboards: writes by compare-and-set, and reads without consumers. */
@Injectable()
export class LeaderboardStore implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly endings: (() => void)[] = [];

  constructor(
    @Inject(NATS_CONNECTION) readonly nats: NatsConnection,
    readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  async onModuleInit(): Promise<void> {
    const manager = await this.manager();
    for (const stream of [resultsStream, scoresStream, settledStream]) {
      const make = (): Promise<void> => ensureStream(manager, stream);
      // Results are what a server must be able to take; while scores can't be stored, they wait there.
      const probe = stream === resultsStream ? () => resultSubject('$probe', '$probe') : undefined;
      this.endings.push(await ensureAlways(this.health, make, { name: stream.name, probe }));
    }
  }

  onApplicationShutdown(): void {
    for (const end of this.endings) end();
    this.publisher.close();
    this.reader.close();
  }

  /** Stores all or none. @returns the sequence of the first; the others follow it. @throws NotStored */
  async write(messages: readonly ExpectingMessage[]): Promise<number> {
    return (await this.publisher.publishAll(messages)).seq;
  }

  /** @throws NotRead, or SyntaxError where the record can't be read */
  async read<T>(stream: string, subject: string): Promise<Standing<T>> {
    const { record, seq } = await this.reader.readRecord(stream, subject);
    return { record: record?.json<T>(), seq };
  }

  /** The newest record of each subject, in their order. One request each: NATS answers these faster than one for all. @throws NotRead */
  readMany(stream: string, subjects: readonly string[]): Promise<Standing<StoredMessage>[]> {
    return Promise.all(subjects.map((subject) => this.reader.readRecord(stream, subject)));
  }

  /** Messages of a subject from a sequence on, at most so many. @throws NotRead */
  async readFrom(stream: string, subject: string, seq: number, most: number): Promise<StoredMessage[]> {
    return this.reader.readMessages(stream, { next_by_subj: subject, seq, batch: most });
  }

  /** The message of a sequence, whatever its subject. @throws NotRead */
  async readAt(stream: string, seq: number): Promise<StoredMessage | undefined> {
    return (await this.reader.readMessages(stream, { seq })).at(0);
  }

  /** The first message of a subject since a time, ISO 8601. @throws NotRead */
  async readSince(stream: string, subject: string, start: string): Promise<StoredMessage | undefined> {
    return (await this.reader.readMessages(stream, { next_by_subj: subject, start_time: start })).at(0);
  }

  /**
   * The next messages of a subject, found by so many requests that each begin one place further on. NATS counts nothing for
   * these, which for a few messages is cheaper than {@link readFrom}; they leave out none, but may find fewer.
   *
   * @throws NotRead
   */
  async readNext(stream: string, subject: string, seq: number, requests: number): Promise<StoredMessage[]> {
    const starts = Array.from({ length: requests }, (_, index) => seq + index);
    const answers = await Promise.all(
      starts.map((start) => this.reader.readMessages(stream, { next_by_subj: subject, seq: start })),
    );
    const found = new Map<number, StoredMessage>();
    for (const [message] of answers) {
      // Another replica may know of more, but not of what this one doesn't have yet.
      if (!message) break;
      found.set(message.seq, message);
    }
    return [...found.values()];
  }

  /** Calls `take` for each message of a subject, in order. Where NATS doesn't answer for a while, it goes on from there. @throws NotRead */
  async each(stream: string, subject: string, take: (message: StoredMessage) => void): Promise<void> {
    let seq = 0;
    let failures = 0;
    const handOver = (message: StoredMessage): void => {
      seq = message.seq;
      failures = 0;
      take(message);
    };
    for (let pending = 1; pending > 0;) {
      const request = { next_by_subj: subject, seq: seq + 1, batch: eachBatch };
      pending = await this.reader.readEach(stream, request, handOver).catch(async (error: unknown) => {
        failures += 1;
        if (failures > mostFailures) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        return 1;
      });
    }
  }

  /** @throws the JetStream API's error */
  async times(stream: string): Promise<StreamTimes> {
    const info = await (await this.manager()).streams.info(stream);
    const { state, config, ts } = info;
    return {
      created: firstMadeAt(info),
      firstSeq: state.first_seq,
      lastSeq: state.last_seq,
      limit: config.max_bytes,
      now: ts === undefined ? Date.now() : Date.parse(ts),
    };
  }

  /** Deletes the messages of a subject. @throws the JetStream API's error */
  async purge(stream: string, subject: string): Promise<void> {
    await (await this.manager(purgeTimeoutMs)).streams.purge(stream, { filter: subject });
  }

  private manager(timeout?: number): Promise<JetStreamManager> {
    return jetstreamManager(this.nats, { checkAPI: false, timeout });
  }
}
