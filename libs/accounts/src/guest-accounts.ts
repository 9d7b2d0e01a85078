import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { bucketProbe, ensureAlways, ensureBucket } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { StoredRecords } from '@ccgame/jetstream';

/** KV bucket: SHA-256 of a device id → the player id of its guest. The device id itself is never stored: it opens the account. */
const bucket = 'guests';

/** Players without an account: one for each device. */
@Injectable()
export class GuestAccounts implements OnModuleInit {
  private guests: KV;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly records: StoredRecords,
  ) {}

  async onModuleInit(): Promise<void> {
    const make = async (): Promise<void> => void (this.guests = await ensureBucket(this.nats, bucket, 1));
    await ensureAlways(this.health, make, { name: `KV_${bucket}`, probe: bucketProbe(bucket) });
  }

  /** The player id of the device's guest, made at the first login. Two logins at once get the same. */
  async playerOf(deviceId: string): Promise<string> {
    const key = createHash('sha256').update(deviceId).digest('hex');
    const { known, seq } = await this.findGuest(key);
    if (known) return known;
    const playerId = `p${randomBytes(10).toString('hex')}`;
    try {
      await this.guests.put(key, playerId, { previousSeq: seq });
      return playerId;
    } catch (error) {
      const first = (await this.findGuest(key)).known;
      if (first) return first;
      throw error;
    }
  }

  private async findGuest(key: string): Promise<{ known?: string; seq: number }> {
    const { record, seq } = await this.records.readRecord(`KV_${bucket}`, `$KV.${bucket}.${key}`);
    return { known: record?.text(), seq };
  }
}
