import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  AckedPublisher,
  DirectReader,
  isAway,
  KeyValueBucket,
  untilWritten,
  waitForReplica,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type ResolvedRpcOptions, RPC_OPTIONS, RpcError } from '@ccgame/rpc';
import type { ClaimRequest, SessionClaim } from './claim-request.js';
import { noSession } from '../data/no-session.js';
import { changeValues, type ValueChanges } from '../data/session-values.js';
import { orBusy } from '../or-busy.js';
import {
  type Displacement,
  displacementOf,
  type HeldClaim,
  isForgottenIn,
  recordOf,
  type SessionRecord,
  type SocketEnd,
  sessionsBucket,
  sessionsBytes,
} from './session-record.js';
import { ConnectorLease } from './connector-lease.js';
import { HeldClaims, heldForSeconds, type HeldSession } from './held-claims.js';
import { keptForSeconds, SessionReleases } from './session-releases.js';
import { SocketNotices } from './socket-notices.js';

const attempts = 8;
/** A connector of an older version has no lease, and leaves its records for so long. */
const unleasedForSeconds = 120;

/** The tries of one claim leave this for those behind them. */
interface ClaimTries {
  /** A write had no answer, so it may stand there. */
  areLost: boolean;
  /** Those that a write took the session from, by socket: the next try finds its own record in their place. */
  displaced: Map<string, SessionRecord>;
}

/** Keeps which connector holds a player's socket: compare-and-set in NATS, so that it is one in the whole cluster. */
@Injectable()
export class SessionClaims implements OnModuleInit, OnApplicationShutdown {
  private readonly serverId: string;
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;
  private readonly notices: SocketNotices;
  private readonly releases: SessionReleases;
  private readonly lease: ConnectorLease;
  private readonly held: HeldClaims;
  private claimsUnderWay = 0;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(RPC_OPTIONS) { identity }: ResolvedRpcOptions,
  ) {
    this.serverId = identity.serverId;
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(sessionsBucket, nats, this.publisher, this.reader);
    this.notices = new SocketNotices(nats);
    this.releases = new SessionReleases(this.bucket, health, heldForSeconds * 1_000);
    this.lease = new ConnectorLease(this.serverId, this.bucket);
    this.held = new HeldClaims(this.bucket, this.reader, this.lease);
  }

  async onModuleInit(): Promise<void> {
    this.notices.listenAs(this.serverId);
    await this.bucket.open(this.health, sessionsBytes);
    await this.lease.startRenewing(this.health);
  }

  /** Told when another connector, or another socket here, took a player over. */
  whenDisplaced(listener: SocketNotices['onDisplaced']): void {
    this.notices.onDisplaced = listener;
  }

  /** Asked before a second device is refused: whether the client of a socket here is still there. */
  whenAsked(listener: SocketNotices['onAsked']): void {
    this.notices.onAsked = listener;
  }

  /** Whether the session ends with this connector's lease: not where that was lost while it was claimed. */
  isLeased({ record }: HeldClaim): boolean {
    return record.lease === this.lease.id;
  }

  /** Told when all records are to be written again: see {@link findStale}. */
  whenLeaseLost(listener: () => void): void {
    this.lease.onLost = listener;
  }

  /**
   * Claims the player's session, whichever connector holds it.
   *
   * @throws RpcError CONFLICT when a second device is refused, BUSY when NATS does not answer, others keep claiming, or
   *   the client has gone
   */
  async claimSession(claim: ClaimRequest): Promise<SessionClaim> {
    const { playerId, socket } = claim;
    const tries: ClaimTries = { areLost: false, displaced: new Map() };
    this.claimsUnderWay += 1;
    try {
      return await this.claimWithin(claim, tries);
    } catch (error) {
      // A write whose answer was lost may stand there.
      if (tries.areLost) void this.releases.release({ playerId, socket });
      throw error;
    } finally {
      this.claimsUnderWay -= 1;
    }
  }

  private async claimWithin(claim: ClaimRequest, tries: ClaimTries): Promise<SessionClaim> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await waitForReplica(attempt);
      try {
        // A player without a session to go on with is mostly not there: the first try saves the look.
        const isBlind = attempt === 0 && claim.session === undefined;
        const sessionClaim = await this.tryClaim(claim, tries.displaced, isBlind);
        if (sessionClaim) return sessionClaim;
      } catch (error) {
        if (!isAway(error)) throw error;
        tries.areLost = true;
      }
    }
    throw new RpcError('BUSY', { message: 'The session could not be claimed', retryAfterMs: 1_000 });
  }

  /**
   * Finds those whose record is to be written again, or is another socket's: a look at a thousand costs as little as a write of some.
   *
   * @throws NotRead
   */
  findStale<T extends HeldSession>(sessions: readonly T[]): Promise<T[]> {
    return this.held.findStale(sessions);
  }

  /**
   * Writes the record again, as it runs out one day, or NATS has lost it.
   *
   * @returns undefined: still ours
   * @throws RpcError BUSY: NATS is away, and nobody knows
   */
  renewClaim(playerId: string, held: HeldClaim): Promise<Displacement | undefined> {
    return this.held.renewClaim(playerId, held);
  }

  /**
   * Changes the data of a session that this connector holds.
   *
   * @throws RpcError MOVED: another one holds it by now; INVALID, TOO_LARGE; BUSY when NATS does not answer
   */
  changeHeldData(playerId: string, held: HeldClaim, changes: ValueChanges): Promise<void> {
    return this.held.changeData(playerId, held, changes);
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
        if (isConnected && serverId !== this.serverId && (await this.notices.isAlive(serverId)))
          throw new RpcError('MOVED');
        const awayAt = isConnected ? undefined : (record.awayAt ?? entry.storedAt);
        const value = JSON.stringify({ ...record, data: changeValues(record.data, changes), awayAt });
        const seconds = isConnected ? (record.lease ? heldForSeconds : unleasedForSeconds) : keptForSeconds;
        return (await this.bucket.compareAndSet(playerId, value, entry.revision, seconds)) !== undefined;
      }),
    );
  }

  /**
   * The socket is gone; the player may come back within 60 s, unless it was closed for good. Does nothing where another connector holds
   * the session now. While NATS is away it is kept, and repeated.
   */
  releaseClaim(playerId: string, held: HeldClaim, end: SocketEnd = {}): Promise<void> {
    // A renewal or a change that is under way must not say later that the player is connected.
    Object.assign(held.record, { isConnected: false, ...end });
    return this.releases.release({ playerId, socket: held.record.socket, held, end });
  }

  /** No socket is left here: nobody has to end the sessions of this connector. */
  async endLease(): Promise<void> {
    if (this.claimsUnderWay === 0 && this.releases.areDone) await this.lease.endLease();
  }

  onApplicationShutdown(): void {
    this.lease.close();
    this.releases.close();
    this.bucket.close();
    this.notices.close();
    this.publisher.close();
    this.reader.close();
  }

  /** Undefined: another one was quicker. */
  private async tryClaim(
    claim: ClaimRequest,
    displaced: ClaimTries['displaced'],
    isBlind: boolean,
  ): Promise<SessionClaim | undefined> {
    const { playerId, socket, version, instance, refuseSecond, isWanted } = claim;
    const entry = isBlind ? undefined : await this.bucket.get(playerId);
    const before = recordOf(entry);
    const isResumed = before !== undefined && before.session === claim.session && !before.isOver;
    const isForgotten = isForgottenIn(before, claim.session);
    const isTakeover = before?.isConnected === true && before.socket !== socket;
    const mayRefuse = isTakeover && !isResumed && refuseSecond;
    if (mayRefuse && (await this.notices.isClientThere(before.serverId, before.socket))) {
      const detail = 'The player is connected with another device.';
      throw new RpcError('CONFLICT', { details: { detail } });
    }
    const { serverId, lease } = this;
    const record: SessionRecord = {
      session: isResumed ? before.session : randomBytes(9).toString('base64url'),
      serverId,
      lease: lease.id,
      socket,
      version,
      isConnected: true,
      instance,
      since: isResumed ? before.since : Date.now(),
      data: isResumed ? before.data : undefined,
      ...(isForgotten && { insteadOf: claim.session }),
    };
    const value = JSON.stringify(record);
    if (isWanted && !(await isWanted(isTakeover)))
      throw new RpcError('BUSY', { message: 'Nobody waits for the session any more' });
    if (isTakeover) displaced.set(before.socket, before);
    const revision = await this.bucket.compareAndSet(playerId, value, entry?.revision ?? 0, heldForSeconds);
    if (revision === undefined) return undefined;
    for (const old of displaced.values()) {
      const how = displacementOf(old, record);
      this.notices.notifyDisplaced(old.serverId, { playerId, socket: old.socket, how });
    }
    const now = performance.now();
    return { record, fence: revision, revision, isResumed, isForgotten, claimedAt: now, writtenAt: now };
  }
}
