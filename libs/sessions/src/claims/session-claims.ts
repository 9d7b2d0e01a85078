import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import {
  AckedPublisher,
  DirectReader,
  isAway,
  KeyValueBucket,
  parseJson,
  untilWritten,
  waitForReplica,
} from '@ccgame/jetstream';
import { isAnswered, NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type ResolvedRpcOptions, RPC_OPTIONS, RpcError } from '@ccgame/rpc';
import type { ClaimRequest, SessionClaim } from './claim-request.js';
import { noSession } from '../data/no-session.js';
import { changeValues, type ValueChanges } from '../data/session-values.js';
import { orBusy } from '../or-busy.js';
import {
  type DisplacedNotice,
  type Displacement,
  displacementOf,
  type HeldClaim,
  noticeSubject,
  recordOf,
  type SessionRecord,
  type SocketEnd,
  sessionsBucket,
  sessionsBytes,
} from './session-record.js';

type OnDisplaced = (playerId: string, socket: string, how: Displacement) => void;

/** A connector that was killed leaves its records for so long; a live one renews them. */
export const heldForSeconds = 120;
/** After the socket is gone: as long as the push log keeps, since nobody can resume after that. */
const keptForSeconds = 60;
const attempts = 8;
/** A connector that says nothing for so long hangs, ms. NATS tells at once of one that has died. */
const silenceMs = 1_500;

/** Keeps which connector holds a player's socket: compare-and-set in NATS, so that it is one in the whole cluster. */
@Injectable()
export class SessionClaims implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('sessions');
  private readonly serverId: string;
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;
  private notices?: Subscription;
  private onDisplaced: OnDisplaced = () => {};

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(RPC_OPTIONS) { identity }: ResolvedRpcOptions,
  ) {
    this.serverId = identity.serverId;
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(sessionsBucket, nats, this.publisher, this.reader);
  }

  async onModuleInit(): Promise<void> {
    this.notices = this.nats.subscribe(noticeSubject(this.serverId), {
      callback: (error, message) => this.receiveNotice(error, message),
    });
    await this.bucket.open(this.health, sessionsBytes);
  }

  /** Told when another connector, or another socket here, took a player over. */
  whenDisplaced(listener: OnDisplaced): void {
    this.onDisplaced = listener;
  }

  /**
   * Claims the player's session, whichever connector holds it.
   *
   * @throws RpcError CONFLICT when a second device is refused, BUSY when NATS does not answer, others keep claiming, or
   *   the client has gone
   */
  async claimSession(claim: ClaimRequest): Promise<SessionClaim> {
    try {
      return await this.claimWithin(claim, attempts);
    } catch (error) {
      // A write whose answer was lost may stand there.
      this.leave(claim.playerId, claim.socket).catch(() => undefined);
      throw error;
    }
  }

  private async claimWithin(claim: ClaimRequest, tries: number): Promise<SessionClaim> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      await waitForReplica(attempt);
      try {
        // A player without a session to go on with is mostly not there: the first try saves the look.
        const isBlind = attempt === 0 && claim.session === undefined;
        const sessionClaim = await this.tryClaim(claim, isBlind);
        if (sessionClaim) return sessionClaim;
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
    throw new RpcError('BUSY', { message: 'The session could not be claimed', retryAfterMs: 1_000 });
  }

  /** Keeps the record from running out. Undefined: still ours, or NATS is away and nobody knows. */
  async renewClaim(playerId: string, held: HeldClaim): Promise<Displacement | undefined> {
    const value = JSON.stringify(held.record);
    const revision = await this.bucket.compareAndSet(playerId, value, held.revision, heldForSeconds);
    if (revision !== undefined) {
      held.revision = revision;
      return undefined;
    }
    return this.compareWithStored(playerId, held);
  }

  /**
   * Changes the data of a session that this connector holds.
   *
   * @throws RpcError MOVED: another one holds it by now; INVALID, TOO_LARGE; BUSY when NATS does not answer
   */
  async changeHeldData(playerId: string, held: HeldClaim, changes: ValueChanges): Promise<void> {
    await orBusy(() =>
      untilWritten(async () => {
        const data = changeValues(held.record.data, changes);
        const value = JSON.stringify({ ...held.record, data });
        const revision = await this.bucket.compareAndSet(playerId, value, held.revision, heldForSeconds);
        if (revision === undefined) {
          if (await this.compareWithStored(playerId, held)) throw new RpcError('MOVED');
          return false;
        }
        held.revision = revision;
        held.record.data = data;
        return true;
      }),
    );
  }

  /**
   * Changes the data of a session that nobody holds: its player is away, or its connector is gone.
   *
   * @throws RpcError NOT_FOUND; MOVED: another connector holds it; as {@link changeHeldData}
   */
  async changeLooseData(playerId: string, wanted: string | undefined, changes: ValueChanges): Promise<void> {
    await orBusy(() =>
      untilWritten(async () => {
        const entry = await this.bucket.get(playerId);
        const record = recordOf(entry);
        if (!entry || !record || (wanted !== undefined && record.session !== wanted)) throw noSession();
        const { isConnected, serverId } = record;
        if (isConnected && serverId !== this.serverId && (await this.isAlive(serverId)))
          throw new RpcError('MOVED');
        const awayAt = isConnected ? undefined : (record.awayAt ?? entry.storedAt);
        const value = JSON.stringify({ ...record, data: changeValues(record.data, changes), awayAt });
        const seconds = isConnected ? heldForSeconds : keptForSeconds;
        return (await this.bucket.compareAndSet(playerId, value, entry.revision, seconds)) !== undefined;
      }),
    );
  }

  /**
   * The socket is gone; the player may come back within 60 s, unless it was closed for good. Does nothing where another connector holds
   * the session now.
   */
  async releaseClaim(playerId: string, held: HeldClaim, end: SocketEnd = {}): Promise<void> {
    const value = JSON.stringify({ ...held.record, isConnected: false, ...end });
    const revision = await this.bucket.compareAndSet(playerId, value, held.revision, keptForSeconds);
    // A renewal whose answer was lost may stand there.
    if (revision === undefined) await this.leave(playerId, held.record.socket, end);
  }

  onApplicationShutdown(): void {
    this.bucket.close();
    this.notices?.unsubscribe();
    this.publisher.close();
    this.reader.close();
  }

  private receiveNotice(error: Error | null, message: Msg): void {
    // NATS refuses it: nobody here hears of take-overs, and the next renewal does.
    if (error) return this.log.error({ event: 'session.notices.refused', reason: error.message });
    if (message.reply) return void message.respond();
    const notice = parseJson<DisplacedNotice>(message.string());
    if (!notice) return this.log.warn({ event: 'session.notice.unreadable' });
    this.onDisplaced(notice.playerId, notice.socket, notice.how);
  }

  /** Undefined: it is still ours. */
  private async compareWithStored(playerId: string, held: HeldClaim): Promise<Displacement | undefined> {
    const entry = await this.bucket.get(playerId);
    const current = recordOf(entry);
    if (current && current.socket !== held.record.socket) {
      return displacementOf(held.record, current);
    }
    // The bucket lost it, or an ack was lost, or this connector was taken for dead: the next write goes on from what stands there.
    held.revision = entry?.revision ?? 0;
    if (current) held.record.data = current.data;
    return undefined;
  }

  /** Lets go of a record that names this socket; whatever else stands there stays. */
  private async leave(playerId: string, socket: string, end: SocketEnd = {}): Promise<void> {
    const entry = await this.bucket.get(playerId);
    const record = recordOf(entry);
    if (!entry || record?.socket !== socket || !record.isConnected) return;
    const value = JSON.stringify({ ...record, isConnected: false, ...end });
    await this.bucket.compareAndSet(playerId, value, entry.revision, keptForSeconds);
  }

  /** Undefined: another one was quicker. */
  private async tryClaim(claim: ClaimRequest, isBlind: boolean): Promise<SessionClaim | undefined> {
    const { playerId, socket, version, instance, refuseSecond, isWanted } = claim;
    const entry = isBlind ? undefined : await this.bucket.get(playerId);
    const before = recordOf(entry);
    const isResumed = before !== undefined && before.session === claim.session && !before.isOver;
    if (before && !isResumed && refuseSecond && before.isConnected && (await this.isAlive(before.serverId))) {
      throw new RpcError('CONFLICT', {
        details: { detail: 'The player is connected with another device.' },
      });
    }
    const session = isResumed ? before.session : randomBytes(9).toString('base64url');
    const record: SessionRecord = {
      session,
      serverId: this.serverId,
      socket,
      version,
      isConnected: true,
      instance,
      since: isResumed ? before.since : Date.now(),
      data: isResumed ? before.data : undefined,
    };
    const value = JSON.stringify(record);
    const isTakeover = before?.isConnected === true && before.socket !== socket;
    if (isWanted && !(await isWanted(isTakeover))) {
      throw new RpcError('BUSY', { message: 'Nobody waits for the session any more' });
    }
    const revision = await this.bucket.compareAndSet(playerId, value, entry?.revision ?? 0, heldForSeconds);
    if (revision === undefined) return undefined;
    if (before && isTakeover) {
      this.notifyDisplaced(before.serverId, {
        playerId,
        socket: before.socket,
        how: displacementOf(before, record),
      });
    }
    return { record, fence: revision, revision, isResumed };
  }

  private notifyDisplaced(serverId: string, notice: DisplacedNotice): void {
    this.nats.publish(noticeSubject(serverId), JSON.stringify(notice));
  }

  private isAlive(serverId: string): Promise<boolean> {
    return isAnswered(this.nats, noticeSubject(serverId), silenceMs);
  }
}
