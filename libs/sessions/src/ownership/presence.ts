import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader, NATS_CONNECTION, NatsHealth } from '#rpc';
import { sessionsBucket, type SessionRecord } from './session-record.js';

/** Since when a player has no connection, epoch ms; left out where that is not known any more, or he never had one. */
export interface Away {
  since?: number;
}

const prefix = `$KV.${sessionsBucket}.`;
/** A direct read gives so many at most. */
const pageSize = 1_000;
const decoder = new TextDecoder();

/** Tells who is connected, as the connectors write it down. A killed connector's players count as connected up to 120 s. */
@Injectable()
export class Presence implements OnApplicationShutdown {
  private readonly reader: DirectReader;

  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection, health: NatsHealth) {
    this.reader = new DirectReader(nats, health);
  }

  /** Those of the players who have no connection now. @throws NotRead */
  async away(playerIds: readonly string[]): Promise<Map<string, Away>> {
    const away = new Map<string, Away>(playerIds.map((playerId) => [playerId, {}]));
    for (let at = 0; at < playerIds.length; at += pageSize) {
      const page = playerIds.slice(at, at + pageSize).map((playerId) => prefix + playerId);
      const request = { multi_last: page, batch: page.length };
      for (const { subject, data } of await this.reader.read(`KV_${sessionsBucket}`, request)) {
        if (data.length === 0) continue;
        const { isConnected, leftAt } = JSON.parse(decoder.decode(data)) as SessionRecord;
        if (isConnected) away.delete(subject.slice(prefix.length));
        else away.set(subject.slice(prefix.length), { since: leftAt });
      }
    }
    return away;
  }

  onApplicationShutdown(): void {
    this.reader.close();
  }
}
