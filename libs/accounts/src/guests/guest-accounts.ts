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
  untilWritten,
} from '@ccgame/jetstream';
import { isName } from '@ccgame/config';
import { NATS_CONNECTION, NatsHealth, noteUnreadable } from '@ccgame/nats';
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

  /**
   * The player id of the device's guest, made at the first login. Two logins at once get the same.
   *
   * @throws NotRead, NotStored; RpcError BUSY where the guest that another login made or kept is not to be read for 0.6 s
   */
  async playerOf(deviceId: string): Promise<string> {
    const key = createHash('sha256').update(deviceId).digest('hex');
    return untilWritten(async () => {
      const found = await this.findGuest(key);
      if (found.playerId === undefined) return this.makeGuest(key, found.seq);
      const { playerId, isTemporary, seq } = found;
      if (isTemporary && !(await this.keepGuest(key, playerId, seq))) return false;
      metrics.logins.inc({ guest: 'known' });
      return playerId;
    });
  }

  private async makeGuest(key: string, seq: number): Promise<string> {
    const playerId = `p${randomBytes(10).toString('hex')}`;
    try {
      await this.writeGuest(key, playerId, seq, this.options.forgottenAfterSeconds);
      metrics.logins.inc({ guest: 'new' });
      return playerId;
    } catch (error) {
      const findFirst = async (): Promise<string | false> => (await this.findGuest(key)).playerId ?? false;
      // The guest whose write came first: a replica of NATS may not have it yet.
      if (isConflict(error)) return untilWritten(findFirst);
      // This one's own, whose ack was lost.
      const own = await findFirst();
      if (own === false) throw error;
      return own;
    }
  }

  /**
   * The login goes on when this fails, as when the bucket is full: the next one tries it again.
   *
   * @returns false: another login kept the guest, or the guest was forgotten since it was read
   */
  private async keepGuest(key: string, playerId: string, seq: number): Promise<boolean> {
    try {
      await this.writeGuest(key, playerId, seq);
    } catch (error) {
      if (isConflict(error)) return false;
      this.log.warn({ event: 'guest.not-kept', playerId, err: error });
    }
    return true;
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
    const playerId = record?.text();
    // Nobody can be logged in by a record that is no player's id: the device gets another one in its place.
    if (record && !isName('playerId', playerId)) {
      noteUnreadable('guest', record.subject, seq);
      return { isTemporary: false, seq };
    }
    return { playerId, isTemporary: record?.hasHeader('Nats-TTL') ?? false, seq };
  }
}
