import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type NatsConnection, nuid } from '@nats-io/nats-core';
import {
  checkName,
  codeOf,
  contextWithin,
  encodeJson,
  endSpan,
  headersOf,
  invalid,
  oneHeader,
  rpcContext,
  runWithin,
  startSpan,
} from '@ccgame/rpc';
import { type Span, SpanKind } from '@opentelemetry/api';
import { AckedPublisher, DirectReader, ensureAlways } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { assertFits } from './assert-fits.js';
import { Audiences } from './audiences.js';
import { PushLog } from './push-log.js';
import { openPushStream, pushStreamName } from './push-stream.js';
import { deliverSubject, freshMarkId, logSubject, traceHeader, volatileHeader } from './subjects.js';
import { TopicPushes } from './topic-pushes.js';

/** How a push is sent. */
export interface PushOptions {
  /** Not stored: lost where the player is between two sockets, and dropped first where the client reads slowly. */
  volatile?: boolean;
  /**
   * 1 to 128 letters, digits, `_`, `=`, `:` and `-`. Another push of this id to the same player within 60 s is not stored: it
   * was sent already. Those that begin with `ccgame:` are the framework's own.
   */
  id?: string;
  /**
   * With `id`, where it is sent once more: how long ago it was sent first, ms. After the 60 s that the log knows an id, and where the log
   * was made anew since then, nobody can tell whether the player had it. It is not given a second time then: the player is told of a gap (`notRecovered`) in its place.
   */
  triedAgoMs?: number;
}

/** Players of one push that are on their way: what others push meanwhile needs room, too. */
const mostAtOnce = 10_000;

const ofVolatile = oneHeader(volatileHeader, '1');

/** The data of a game's pushes, by route; {@link PushService} takes any where a game names none. */
export type AnyPushes = Record<string, unknown>;
type RouteOf<P> = keyof P & string;

/**
 * Sends to players, wherever they are connected.
 *
 * ```ts
 * constructor(private readonly push: PushService<PushRoutes>) {} // PushesOf<typeof pushes>: a wrong route or data is no program
 * ```
 */
@Injectable()
export class PushService<P extends AnyPushes = AnyPushes> implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly audiences: Audiences;
  private readonly log: PushLog;
  /** Volatile pushes to all who follow something. */
  readonly topics: TopicPushes;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.audiences = new Audiences(nats, this.publisher, this.reader);
    this.log = new PushLog(nats, health, this.publisher);
    this.topics = new TopicPushes(nats);
  }

  async onModuleInit(): Promise<void> {
    await this.audiences.open(this.health);
    this.endEnsuring = await ensureAlways(this.health, () => openPushStream(this.nats), {
      name: pushStreamName,
      probe: () => logSubject(freshMarkId, nuid.next()),
    });
  }

  /**
   * Pushes `data` (JSON) under `route` to one player. Resolves when it is stored: the player gets it once and in order, though
   * sockets and connectors break, or is told that something was missed. A volatile one resolves when it is sent.
   *
   * @throws RpcError INVALID, TOO_LARGE, BUSY (not stored), TIMEOUT (NATS was away too long; it may be stored)
   */
  async toPlayer<R extends RouteOf<P>>(
    playerId: string,
    route: R,
    data: P[R],
    options: PushOptions = {},
  ): Promise<void> {
    return this.sendBody(checkName('playerId', playerId), this.encode(route, data), options);
  }

  /**
   * As {@link toPlayer}, to each of them. Fails when one fails, after all were tried. More than 10,000 players are told in their turn: a
   * push that is sent before this resolves may come first.
   */
  async toPlayers<R extends RouteOf<P>>(
    playerIds: Iterable<string>,
    route: R,
    data: P[R],
    options: PushOptions = {},
  ): Promise<void> {
    const body = this.encode(route, data);
    // A text is a list too: of characters, and each of them may be the id of somebody else.
    if (!(Object(playerIds) === playerIds && Symbol.iterator in playerIds))
      throw invalid([{ field: 'playerIds', rule: 'expected a list of player ids' }]);
    const players = [...new Set(playerIds)].map((playerId) => checkName('playerId', playerId));
    let failed: PromiseRejectedResult | undefined;
    for (let from = 0; from < players.length; from += mostAtOnce) {
      const some = players.slice(from, from + mostAtOnce);
      const sent = await Promise.allSettled(some.map((playerId) => this.sendBody(playerId, body, options)));
      failed ??= sent.find((one) => one.status === 'rejected');
    }
    if (failed) throw failed.reason;
  }

  /** To everyone who is in a group now; see `Groups`. @throws as {@link toPlayer} */
  async toGroup<R extends RouteOf<P>>(
    group: string,
    route: R,
    data: P[R],
    options?: PushOptions,
  ): Promise<void> {
    await this.toPlayers(await this.audiences.ofGroup(group), route, data, options);
  }

  /** To everyone with a session of a version, those included who lost their socket less than a minute ago. */
  async toVersion<R extends RouteOf<P>>(
    version: string,
    route: R,
    data: P[R],
    options?: PushOptions,
  ): Promise<void> {
    await this.toPlayers(await this.audiences.ofVersion(checkName('version', version)), route, data, options);
  }

  /** To everyone with a session. */
  async toAll<R extends RouteOf<P>>(route: R, data: P[R], options?: PushOptions): Promise<void> {
    await this.toPlayers(await this.audiences.ofVersion(undefined), route, data, options);
  }

  onApplicationShutdown(): void {
    this.endEnsuring?.();
    this.log.close();
    this.audiences.close();
    this.reader.close();
    this.publisher.close();
  }

  private sendBody(playerId: string, body: string, options: PushOptions): Promise<void> {
    const { volatile, id } = options;
    if (id !== undefined) checkName('pushId', id);
    const span = startSpan('push', SpanKind.PRODUCER, () => ({
      'ccgame.player': playerId,
      'ccgame.volatile': volatile === true,
    }));
    return span ? this.sendTraced(span, playerId, body, options) : this.publishBody(playerId, body, options);
  }

  private async sendTraced(span: Span, playerId: string, body: string, options: PushOptions): Promise<void> {
    try {
      const { traceparent } = contextWithin(span);
      await runWithin(span, rpcContext.get(), () => this.publishBody(playerId, body, options, traceparent));
      endSpan(span);
    } catch (error) {
      endSpan(span, codeOf(error));
      throw error;
    }
  }

  private publishBody(
    playerId: string,
    body: string,
    { volatile, id, triedAgoMs }: PushOptions,
    traceparent?: string,
  ): Promise<void> {
    if (!volatile) return this.log.append(playerId, body, { id, triedAgoMs, traceparent });
    const headers =
      traceparent === undefined
        ? ofVolatile
        : headersOf({ [volatileHeader]: '1', [traceHeader]: traceparent });
    this.nats.publish(deliverSubject(playerId), body, { headers });
    return Promise.resolve();
  }

  /** @throws RpcError INVALID for a route that is none and for what JSON can't hold, TOO_LARGE */
  private encode(route: string, data: unknown): string {
    const body = `{"route":"${checkName('pushRoute', route)}","data":${encodeJson(data ?? null)}}`;
    assertFits(body, this.nats);
    return body;
  }
}
