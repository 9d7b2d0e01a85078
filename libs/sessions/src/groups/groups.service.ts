import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkWhole } from '@ccgame/rpc';
import { AckedPublisher, DirectReader, KeyValueBucket } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { orBusy } from '../or-busy.js';
import { countMembers, groupsBucket, groupsBytes, membersOf, memberKey } from './members.js';

/** A year. */
const longestSeconds = 31_536_000;

/** Any value that is not empty. */
const joined = '1';
/** An empty value means that the player left; it then goes by itself. */
const leftForSeconds = 1;

/** Named sets of players, kept in NATS: no socket, session or connector has a part in them. */
@Injectable()
export class Groups implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(groupsBucket, nats, this.publisher, this.reader);
  }

  async onModuleInit(): Promise<void> {
    await this.bucket.open(this.health, groupsBytes);
  }

  /** Until the player leaves, or for so many seconds since the last join. @throws RpcError INVALID; BUSY when NATS does not answer */
  async addMember(group: string, playerId: string, forSeconds?: number): Promise<void> {
    const key = memberKey(group, playerId);
    const seconds =
      forSeconds === undefined ? undefined : checkWhole('forSeconds', forSeconds, 1, longestSeconds);
    await orBusy(() => this.bucket.put(key, joined, seconds));
  }

  /** @throws RpcError INVALID, BUSY */
  async removeMember(group: string, playerId: string): Promise<void> {
    const key = memberKey(group, playerId);
    await orBusy(() => this.bucket.put(key, '', leftForSeconds));
  }

  /** @throws RpcError INVALID, BUSY */
  async membersOf(group: string): Promise<string[]> {
    return membersOf(this.bucket, group);
  }

  /** @throws RpcError INVALID, BUSY */
  async countMembers(group: string): Promise<number> {
    return countMembers(this.bucket, group);
  }

  onApplicationShutdown(): void {
    this.bucket.close();
    this.publisher.close();
    this.reader.close();
  }
}
