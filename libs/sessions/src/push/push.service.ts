import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type NatsConnection, nuid } from '@nats-io/nats-core';
import { DirectReader, ensureAlways, NATS_CONNECTION, NatsHealth, oneHeader, RpcError } from '#rpc';
import { AckedPublisher } from '../jetstream/acked-publisher.js';
import { Audiences } from './audiences.js';
import { PushLog } from './push-log.js';
import { openPushStream, pushStreamName } from './push-stream.js';
import { checkPlayerId, deliverSubject, freshMarkId, logSubject, volatileHeader } from './subjects.js';

export interface PushOptions {
  /** Not stored: lost where the player is between two sockets, and dropped first where he reads slowly. */
  volatile?: boolean;
  /** A NATS token. Another push of this id to the same player within 60 s is not stored: it was sent already. */
  id?: string;
}

/** Bytes of one push as JSON; the push log's messages are kept in memory by replays. */
const maxBytes = 256 * 1024;

const ofVolatile = oneHeader(volatileHeader, '1');

/** Sends to players, wherever they are connected. */
@Injectable()
export class PushService implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly audiences: Audiences;
  private readonly log: PushLog;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.audiences = new Audiences(nats, this.publisher, this.reader);
    this.log = new PushLog(nats, health, this.publisher);
  }

  async onModuleInit(): Promise<void> {
    await this.audiences.open(this.health);
    this.endEnsuring = await ensureAlways(this.health, () => openPushStream(this.nats), {
      name: pushStreamName,
      probe: () => logSubject(freshMarkId, nuid.next()),
    });
  }

  /**
   * Pushes `data` (JSON) under `route` to one player. Resolves when it is stored: he gets it once and in order, though
   * his socket or his connector break, or is told that he missed something. A volatile one resolves when it is sent.
   *
   * @throws RpcError INVALID, TOO_LARGE, BUSY (not stored), TIMEOUT (NATS was away too long; it may be stored)
   */
  async toPlayer(playerId: string, route: string, data: unknown, options: PushOptions = {}): Promise<void> {
    return this.send(checkPlayerId(playerId), encode(route, data), options);
  }

  /** As {@link toPlayer}, to each of them. Fails when one fails, after all were tried. */
  async toPlayers(
    playerIds: Iterable<string>,
    route: string,
    data: unknown,
    options: PushOptions = {},
  ): Promise<void> {
    const body = encode(route, data);
    const players = [...new Set(playerIds)].map(checkPlayerId);
    const sent = await Promise.allSettled(players.map((playerId) => this.send(playerId, body, options)));
    const failed = sent.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** To everyone who is in a group now; see `Groups`. @throws as {@link toPlayer} */
  async toGroup(group: string, route: string, data: unknown, options?: PushOptions): Promise<void> {
    await this.toPlayers(await this.audiences.ofGroup(group), route, data, options);
  }

  /** To everyone with a session of a version, those included who lost their socket less than a minute ago. */
  async toVersion(version: string, route: string, data: unknown, options?: PushOptions): Promise<void> {
    await this.toPlayers(await this.audiences.ofVersion(version), route, data, options);
  }

  /** To everyone with a session. */
  async toAll(route: string, data: unknown, options?: PushOptions): Promise<void> {
    await this.toPlayers(await this.audiences.ofVersion(undefined), route, data, options);
  }

  onApplicationShutdown(): void {
    this.endEnsuring?.();
    this.audiences.close();
    this.reader.close();
    this.publisher.close();
  }

  private send(playerId: string, body: string, { volatile, id }: PushOptions): Promise<void> {
    if (!volatile) return this.log.append(playerId, body, id);
    this.nats.publish(deliverSubject(playerId), body, { headers: ofVolatile });
    return Promise.resolve();
  }
}

function encode(route: string, data: unknown): string {
  const body = JSON.stringify({ route, data: data ?? null });
  if (body.length > maxBytes) throw new RpcError('TOO_LARGE', { details: { maxBytes } });
  return body;
}
