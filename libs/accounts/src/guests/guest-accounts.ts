import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  AckedPublisher,
  bucketProbe,
  ensureAlways,
  ensureStream,
  isConflict,
  keyValueStream,
  StoredRecords,
  type StreamDeclaration,
  waitForReplica,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { metrics } from '../metrics.js';
import { GUEST_OPTIONS, type GuestOptions } from '../accounts-options.js';

/** KV bucket: SHA-256 of a device id → the player id of its guest. The device id itself is never stored: it opens the account. */
const bucket = 'guests';
/** Some two million guests of 230 bytes. */
const maxBytes = 512 * 2 ** 20;
const guestStream = keyValueStream(bucket, maxBytes);

/** The streams and buckets of accounts, made by the server type `storage`. */
export const accountStreams: StreamDeclaration[] = [{ config: guestStream }];

/** Ten years. */
const longestSeconds = 315_360_000;

/** Reads of a guest that a replica of NATS does not have yet. */
const mostReads = 8;

interface FoundGuest {
  /** Undefined: there is none. */
  playerId?: string;
  /** Forgotten by and by, unless it is written again. */
  isTemporary: boolean;
  /** The revision that the next write must expect. */
  seq: number;
}

/**
 * Players without an account: one for each device. A guest is forgotten after a time unless the device logs in again: so devices
 * that somebody made up by the million don't stay.
 */
@Injectable()
export class GuestAccounts implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('guests');
  private readonly publisher: AckedPublisher;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly records: StoredRecords,
    @Inject(GUEST_OPTIONS) private readonly options: GuestOptions,
  ) {
    const { forgottenAfterSeconds: seconds } = options;
    // NATS refuses a TTL that is none, and with it each first login.
    if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= longestSeconds))
      throw new Error(`forgottenAfterSeconds is a whole number from 1 to ${longestSeconds}, not ${seconds}`);
    this.publisher = new AckedPublisher(nats, health);
  }

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    await ensureAlways(this.health, () => ensureStream(manager, guestStream), {
      name: guestStream.name,
      probe: bucketProbe(bucket),
    });
  }

  onApplicationShutdown(): void {
    this.publisher.close();
  }

  /** The player id of the device's guest, made at the first login. Two logins at once get the same. */
  async playerOf(deviceId: string): Promise<string> {
    const key = createHash('sha256').update(deviceId).digest('hex');
    const found = await this.findGuest(key);
    if (found.playerId === undefined) return this.makeGuest(key, found.seq);
    if (found.isTemporary) await this.keepGuest(key, found.playerId, found.seq);
    metrics.logins.inc({ guest: 'known' });
    return found.playerId;
  }

  private async makeGuest(key: string, seq: number): Promise<string> {
    const playerId = `p${randomBytes(10).toString('hex')}`;
    try {
      await this.writeGuest(key, playerId, seq, this.options.forgottenAfterSeconds);
      metrics.logins.inc({ guest: 'new' });
      return playerId;
    } catch (error) {
      const first = await this.findOther(key, error);
      if (first === undefined) throw error;
      return first;
    }
  }

  /** The guest whose write came first, or this one's own whose ack was lost. A replica of NATS may not have it yet. */
  private async findOther(key: string, error: unknown): Promise<string | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      await waitForReplica(attempt);
      const { playerId } = await this.findGuest(key);
      if (playerId !== undefined || !isConflict(error) || attempt === mostReads) return playerId;
    }
  }

  /** The login goes on when this fails, as when the bucket is full: the next one tries it again. */
  private async keepGuest(key: string, playerId: string, seq: number): Promise<void> {
    try {
      await this.writeGuest(key, playerId, seq);
    } catch (error) {
      if (!isConflict(error)) this.log.warn({ event: 'guest.not-kept', playerId, err: error });
    }
  }

  private async writeGuest(
    key: string,
    playerId: string,
    expected: number,
    ttlSeconds?: number,
  ): Promise<void> {
    const subject = `$KV.${bucket}.${key}`;
    await this.publisher.publishAll([{ subject, payload: playerId, expected, ttlSeconds }]);
  }

  private async findGuest(key: string): Promise<FoundGuest> {
    const { record, seq } = await this.records.readRecord(guestStream.name, `$KV.${bucket}.${key}`);
    return { playerId: record?.text(), isTemporary: record?.hasHeader('Nats-TTL') ?? false, seq };
  }
}
