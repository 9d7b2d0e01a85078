import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { checkName } from '@ccgame/rpc';
import { readRecords } from './read-records.js';
import { readSession, sessionsBucket, type SessionRecord } from './session-record.js';

/** The record of a player's session, as far as others may know it. */
export interface Whereabouts {
  /** The player has no connection now. */
  isAway: boolean;
  /** Since when the player is away, epoch ms by the clock of NATS; left out where that is not known any more, or there never was a connection. */
  since?: number;
  /** The session's version; left out where there is no session any more. */
  version?: string;
}

const prefix = `$KV.${sessionsBucket}.`;

/** Tells who is connected, as the connectors write it down. A killed connector's players count as connected up to 105 s. */
@Injectable()
export class PlayerWhereabouts implements OnApplicationShutdown {
  private readonly reader: DirectReader;

  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection, health: NatsHealth) {
    this.reader = new DirectReader(nats, health);
  }

  /** Reads where each of the players is, but for those whose record isn't one. @throws NotRead; RpcError INVALID */
  async whereabouts(playerIds: readonly string[]): Promise<Map<string, Whereabouts>> {
    for (const playerId of playerIds) checkName('playerId', playerId);
    const found = new Map<string, Whereabouts>(playerIds.map((playerId) => [playerId, { isAway: true }]));
    await readRecords(this.reader, playerIds, (playerId, message) => {
      if (message.data.length === 0) return;
      const record = readSession(message.text(), message.subject, message.seq);
      if (!record) return void found.delete(playerId);
      found.set(playerId, {
        isAway: !record.isConnected,
        // Written once when the socket went: by the clock of NATS, and not by a connector's.
        ...(!record.isConnected && { since: record.awayAt ?? message.storedAt }),
        version: record.version,
      });
    });
    return found;
  }

  /** The record of the player's session, as its connector wrote it last. @throws NotRead */
  async findSession(playerId: string): Promise<SessionRecord | undefined> {
    const subject = prefix + checkName('playerId', playerId);
    const message = await this.reader.readLast(`KV_${sessionsBucket}`, subject);
    return message && readSession(message.text(), subject, message.seq);
  }

  onApplicationShutdown(): void {
    this.reader.close();
  }
}
